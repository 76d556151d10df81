import dns.flags
import dns.message
import dns.rrset
import pytest

from forkproxy.wire.dns import Kind, Service, answer, question


def replied(name, kind, *records, number=None, change=None):
    """Return what `answer` makes of a reply with these records."""
    asked, octets = question(name, kind)
    reply = dns.message.make_response(dns.message.from_wire(octets))
    for owner, which, ttl, *texts in records:
        reply.answer.append(dns.rrset.from_text(owner, ttl, "IN", which, *texts))
    if change is not None:
        change(reply)
    return answer(reply.to_wire(), asked if number is None else number, name, kind)


def test_addresses_hold_for_the_shortest_time():
    found = replied("a.test", Kind.A, ("a.test.", "A", 60, "10.0.0.1", "10.0.0.2"))
    assert (sorted(found.addresses), found.life) == (["10.0.0.1", "10.0.0.2"], 60)
    assert replied("a.test", Kind.AAAA, ("a.test.", "AAAA", 9, "fe80::1")).addresses == ("fe80::1",)


def test_an_address_that_comes_twice_counts_twice():
    asked, octets = question("a.test", Kind.A)
    reply = dns.message.make_response(dns.message.from_wire(octets))
    for _ in range(2):
        reply.answer.append(dns.rrset.from_text("a.test.", 60, "IN", "A", "10.0.0.1"))
    found = answer(reply.to_wire(), asked, "a.test", Kind.A)
    assert found.addresses == ("10.0.0.1", "10.0.0.1")


def test_an_alias_with_its_address_is_an_address():
    found = replied(
        "a.test", Kind.A, ("a.test.", "CNAME", 5, "b.test."), ("b.test.", "A", 60, "10.0.0.1")
    )
    assert (found.addresses, found.alias, found.life) == (("10.0.0.1",), "", 5)


def test_an_alias_alone_says_where_it_leads():
    found = replied(
        "a.test",
        Kind.A,
        ("a.test.", "CNAME", 5, "b.test."),
        ("b.test.", "CNAME", 5, "c.test."),
    )
    assert found.alias == "c.test"


def test_a_service_has_its_records():
    found = replied("_x._tcp.a.test", Kind.SRV, ("_x._tcp.a.test.", "SRV", 5, "1 2 80 b.test."))
    assert found.services == (Service(1, 2, 80, "b.test"),)


def test_a_truncated_answer_says_so():
    def cut(reply):
        reply.flags |= dns.flags.TC

    assert replied("a.test", Kind.A, change=cut).truncated


@pytest.mark.parametrize("number", [-1, 65536])
def test_an_answer_to_another_question_is_none(number):
    assert replied("a.test", Kind.A, number=number) is None


def test_an_answer_about_another_name_is_none():
    asked, octets = question("a.test", Kind.A)
    reply = dns.message.make_response(dns.message.from_wire(octets))
    assert answer(reply.to_wire(), asked, "b.test", Kind.A) is None
    assert answer(reply.to_wire(), asked, "a.test", Kind.AAAA) is None
    assert answer(octets, asked, "a.test", Kind.A) is None  # a question is no answer


def test_case_does_not_matter():
    asked, octets = question("A.Test", Kind.A)
    reply = dns.message.make_response(dns.message.from_wire(octets))
    assert answer(reply.to_wire(), asked, "a.test", Kind.A) is not None


@pytest.mark.parametrize("octets", [b"", b"x", b"\xc0" * 40, bytes(12), bytes(range(200))])
def test_what_is_no_message_is_none(octets):
    assert answer(octets, 0, "a.test", Kind.A) is None


@pytest.mark.parametrize("name", ["a..b", "a" * 64, ".".join(["a" * 63] * 5)])
def test_what_is_no_name_is_not_asked_for(name):
    with pytest.raises(ValueError, match="not a name"):
        question(name, Kind.A)
