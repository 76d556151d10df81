"""Keys of the store, and of the variants under one."""

from forkproxy.cache import variant
from tests.support.caching import FRESH, answers, caching, response

VARIED = [response(body, FRESH, b"Vary: Accept-Language, X-A") for body in (b"one", b"two", b"3")]


def test_a_key_is_its_text():
    assert variant.stored_under(b"http://host/path?x") == b"http://host/path?x"


def test_a_long_key_is_shorter_and_still_its_own():
    one, other = (variant.stored_under(b"x" * 5000 + end) for end in (b"1", b"2"))
    assert len(one) == len(other) <= 440
    assert one != other


def test_a_note_has_the_newest_set_first_and_forgets_the_oldest():
    note = b""
    for spec in (b"a", b"b", b"c", b"a", b"d", b"e"):
        note = variant.with_spec(note, spec)
    assert variant.specs(note) == [b"e", b"d", b"a", b"c"]


def test_each_variant_has_its_answer():
    with caching(answers(*VARIED)) as server:
        first = server.ask(b"/", b"Accept-Language: de")
        other = server.ask(b"/", b"Accept-Language: en")
        assert (first.body, other.body) == (b"one", b"two")
        again = server.ask(b"/", b"Accept-Language: de")
        assert (again.status, again.body) == ("HIT", b"one")


def test_white_space_and_empty_members_make_no_variant():
    with caching(answers(*VARIED)) as server:
        server.ask(b"/", b"Accept-Language: de, en")
        assert server.ask(b"/", b"Accept-Language: de,,  en ,").status == "HIT"
        assert server.ask(b"/", b"Accept-Language: en, de").status == "MISS"


def test_by_the_rfc_the_order_of_a_list_of_preferences_makes_none():
    with caching(answers(*VARIED), "proxy_cache_rfc on;") as server:
        server.ask(b"/", b"Accept-Language: de, EN")
        assert server.ask(b"/", b"Accept-Language: en,de").status == "HIT"
        assert server.ask(b"/", b"X-A: b, a").status == "MISS"
        assert server.ask(b"/", b"X-A: a, b").status == "MISS"


def test_an_answer_that_does_not_vary_takes_the_place_of_those_that_did():
    script = answers(*VARIED[:2], response(b"all", FRESH))
    with caching(script, "proxy_cache_bypass $arg_new;", http="proxy_cache_key $uri;") as server:
        server.ask(b"/", b"X-A: 1")
        server.ask(b"/", b"X-A: 2")
        server.ask(b"/?new=1")
        assert server.ask(b"/", b"X-A: 1").body == b"all"
        assert server.keys() == [b"/"]
