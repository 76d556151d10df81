import pytest

from forkproxy.net.resolver import ResolveError, Resolver
from tests.support.hub import begin, in_hub
from tests.support.nameserver import NameServer


def addresses(resolver, name, limit=5.0):
    return in_hub(resolver.addresses, name, limit).addresses


def code(resolver, name, limit=5.0):
    with pytest.raises(ResolveError) as raised:
        addresses(resolver, name, limit)
    return raised.value.code


def test_a_name_has_addresses_of_both_kinds():
    with NameServer({("a.test", "A"): ["10.0.0.1"], ("a.test", "AAAA"): ["fe80::1"]}) as server:
        assert sorted(addresses(Resolver([server.address]), "A.test")) == ["10.0.0.1", "fe80::1"]
        only = Resolver([server.address], ipv6=False)
        assert addresses(only, "a.test") == ("10.0.0.1",)
        assert addresses(Resolver([server.address], ipv4=False), "a.test") == ("fe80::1",)


def test_an_answer_is_kept_for_as_long_as_it_holds():
    with NameServer({("a.test", "A"): ["10.0.0.1"]}) as server:
        resolver = Resolver([server.address], ipv6=False)
        for _ in range(3):
            addresses(resolver, "a.test")
        assert server.asked == [("a.test", "A")]


def test_an_answer_that_holds_for_no_time_is_not_kept():
    with NameServer({("a.test", "A"): ["10.0.0.1"]}, ttl=0) as server:
        resolver = Resolver([server.address], ipv6=False)
        for _ in range(3):
            addresses(resolver, "a.test")
        assert len(server.asked) == 3
        kept = Resolver([server.address], valid=60.0, ipv6=False)
        for _ in range(3):
            addresses(kept, "a.test")
        assert len(server.asked) == 4


def test_those_who_ask_at_once_share_an_answer():
    with NameServer({("a.test", "A"): ["10.0.0.1"]}) as server:
        resolver = Resolver([server.address], ipv6=False)
        asking = [begin(resolver.addresses, "a.test", 5.0) for _ in range(5)]
        assert {one().addresses for one in asking} == {("10.0.0.1",)}
        assert len(server.asked) == 1


def test_an_alias_is_followed():
    records = {
        ("a.test", "CNAME"): ["b.test."],
        ("b.test", "CNAME"): ["c.test."],
        ("c.test", "A"): ["10.0.0.3"],
    }
    with NameServer(records) as server:
        assert addresses(Resolver([server.address]), "a.test") == ("10.0.0.3",)


def test_aliases_that_go_in_circles_lead_nowhere():
    records = {("a.test", "CNAME"): ["b.test."], ("b.test", "CNAME"): ["a.test."]}
    with NameServer(records) as server:
        assert code(Resolver([server.address]), "a.test", 1.0) in (3, 110)


def test_what_does_not_fit_a_datagram_is_asked_for_over_tcp():
    with NameServer({("a.test", "A"): ["10.0.0.1"]}) as server:
        server.large.add("a.test")
        assert addresses(Resolver([server.address], ipv6=False), "a.test") == ("10.0.0.1",)


@pytest.mark.parametrize(("word", "number"), [("SERVFAIL", 2), ("REFUSED", 5), ("NXDOMAIN", 3)])
def test_what_a_server_says_is_the_reason(word, number):
    with NameServer({("a.test", "A"): word}) as server:
        assert code(Resolver([server.address], ipv6=False), "a.test") == number


def test_a_name_without_addresses_is_not_found():
    with NameServer({("a.test", "TXT"): ["x"]}) as server:
        assert code(Resolver([server.address]), "a.test") == 3


def test_what_is_no_name_is_not_asked_for():
    with NameServer() as server:
        assert code(Resolver([server.address]), "a" * 64 + ".test") == 3
        assert server.asked == []


def test_no_answer_in_time_is_no_answer():
    with NameServer() as server:
        server.silent.add("a.test")
        assert code(Resolver([server.address]), "a.test", 0.1) == 110


def test_where_nobody_listens_there_is_no_answer():
    with NameServer() as server:
        address = server.address
    assert code(Resolver([address]), "a.test", 0.1) == 110


def test_a_server_that_does_not_understand_leaves_it_to_the_next():
    records = {("a.test", "A"): ["10.0.0.1"]}
    with NameServer({("a.test", "A"): "FORMERR"}) as bad, NameServer(records) as good:
        resolver = Resolver([bad.address, good.address], ipv6=False)
        assert addresses(resolver, "a.test") == ("10.0.0.1",)
        assert len(bad.asked) == 1


def test_a_server_that_fails_has_answered_and_the_next_question_goes_to_the_next():
    records = {("a.test", "A"): ["10.0.0.1"]}
    with NameServer({("a.test", "A"): "SERVFAIL"}) as bad, NameServer(records) as good:
        resolver = Resolver([bad.address, good.address], ipv6=False)
        assert code(resolver, "a.test") == 2
        assert addresses(resolver, "a.test") == ("10.0.0.1",)
        assert len(bad.asked) == 1


def test_a_fresh_answer_is_not_turned_and_has_ipv4_first():
    records = {("a.test", "A"): ["10.0.0.2", "10.0.0.1"], ("a.test", "AAAA"): ["fe80::1"]}
    with NameServer(records, ttl=0) as server:
        for _ in range(3):
            assert addresses(Resolver([server.address]), "a.test")[2:] == ("fe80::1",)


def test_the_peers_of_a_service_are_those_of_its_records():
    records = {
        ("_http._tcp.a.test", "SRV"): ["1 5 8080 one.test.", "2 0 8081 two.test."],
        ("one.test", "A"): ["10.0.0.1"],
        ("two.test", "A"): ["10.0.0.2"],
    }
    with NameServer(records) as server:
        resolver = Resolver([server.address], ipv6=False)
        found, _ = in_hub(resolver.services, "http", "a.test", 5.0)
        peers = [(one.address, one.port, one.weight, one.priority) for one in found]
        assert sorted(peers) == [
            ("10.0.0.1", 8080, 5, 1),
            ("10.0.0.2", 8081, 0, 2),
        ]


def test_questions_and_answers_are_counted():
    counts = []
    with NameServer({("a.test", "A"): ["10.0.0.1"]}) as server:
        resolver = Resolver([server.address], ipv6=False)
        resolver.count_by(counts.append)
        addresses(resolver, "a.test")
    assert counts == [0, 3]
