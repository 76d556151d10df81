"""What a location with a cache answers: hits, misses, what passes by, purges."""

from tests.support.caching import answers, caching, fresh
from tests.support.client import Client, request


def test_the_second_request_is_a_hit():
    with caching(answers(fresh(b"one"), fresh(b"two"))) as server:
        assert server.statuses(b"/", b"/", b"/?other") == ["MISS", "HIT", "MISS"]
        server.settle()
        assert server.ask().body == b"one"


def test_other_methods_pass_by():
    with caching(answers(fresh())) as server:
        assert server.ask(method=b"POST", body=b"x").status == ""
        assert server.ask().status == "MISS"


POSTED = "proxy_cache_methods POST; proxy_cache_key $uri|$request_body;"


def test_a_post_is_answered_by_its_content_where_the_key_has_it():
    with caching(answers(fresh()), POSTED) as server:

        def post(body):
            server.settle()
            return server.ask(b"/", method=b"POST", body=body).status

        assert [post(body) for body in (b"a", b"a", b"b")] == ["MISS", "HIT", "MISS"]
        with Client(server.address) as client:
            chunks = request(b"POST", b"/", b"Transfer-Encoding: chunked")
            answer = client.ask(chunks + b"1\r\na\r\n0\r\n\r\n", to=b"POST")
        assert answer.get(b"x-status") == b"HIT"


def test_content_that_the_key_cannot_see_passes_by():
    script = answers(*[fresh(b"%d" % number) for number in range(3)])
    with caching(script, f"client_body_buffer_size 8; {POSTED}") as server:
        empty = server.ask(b"/", method=b"POST")
        server.settle()
        assert server.ask(b"/", method=b"POST").status == "HIT"
        long = server.ask(b"/", method=b"POST", body=b"x" * 100)
        assert (long.status, long.reason) == ("BYPASS", "request-body")
        assert long.body != empty.body
        assert "not stored in the cache: request-body" in server.errors()


def test_a_post_whose_key_does_not_tell_its_content_passes_by_unless_it_is_wanted():
    text = "proxy_cache_methods POST; proxy_cache_key $uri;"
    for guard, expected in (("on", ["BYPASS", "BYPASS"]), ("off", ["MISS", "HIT"])):
        with caching(answers(fresh()), f"{text} proxy_cache_guard {guard};") as server:
            found = []
            for body in (b"a", b"b"):
                found.append(server.ask(b"/", method=b"POST", body=body).status)
                server.settle()
            assert found == expected


def test_what_is_asked_for_too_seldom_is_not_stored():
    with caching(answers(fresh()), "proxy_cache_min_uses 3;") as server:
        assert server.statuses(*[b"/"] * 4) == ["MISS", "MISS", "MISS", "HIT"]


def test_a_range_beyond_the_offset_is_passed_on_and_not_stored():
    with caching(answers(fresh(b"0123456789")), "proxy_cache_max_range_offset 5;") as server:
        assert server.ask(b"/", b"Range: bytes=5-").reason == "range-offset"
        assert server.origin.last.get(b"range") == b"bytes=5-"
        server.ask(b"/", b"Range: bytes=4-")
        assert b"range" not in server.origin.last


def test_a_purge_takes_what_the_request_would_get():
    text = "proxy_cache_purge $arg_purge; proxy_cache_key $uri;"
    with caching(answers(fresh(b"1"), fresh(b"2"), fresh(b"3")), text) as server:
        server.ask(b"/a")
        server.ask(b"/b")
        server.settle()
        assert server.ask(b"/a?purge=1").code == 204
        assert server.ask(b"/a?purge=1").code == 404
        assert server.statuses(b"/a", b"/b") == ["MISS", "HIT"]


def test_a_purge_with_an_asterisk_takes_all_that_begins_so():
    text = "proxy_cache_purge $arg_purge; proxy_cache_key $uri;"
    with caching(answers(fresh()), text) as server:
        server.statuses(b"/x/a", b"/x/b", b"/y")
        server.settle()
        assert server.ask(b"/x/*?purge=1").code == 204
        assert server.keys() == [b"/y"]
