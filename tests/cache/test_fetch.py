"""Asking the origin: a stale answer is served, freshened, or replaced."""

import pytest

from tests.support.caching import FRESH, STALE, answers, caching, fresh, response

TAG = b'ETag: "x"'


def revalidating(text, second):
    control = b"Cache-Control: max-age=0" if "rfc" in text else STALE
    first = response(b"old", control, TAG, b"X-Part: old")
    return caching(answers(first, second, fresh(b"third")), text)


def test_a_stale_answer_that_is_still_good_is_freshened():
    good = response(b"", FRESH, TAG, b"X-Part: new", status=b"304 Not Modified")
    for text, part in [("proxy_cache_revalidate on;", b"old"), ("proxy_cache_rfc on;", b"new")]:
        with revalidating(text, good.replace(b"Content-Length: 0\r\n", b"")) as server:
            server.ask()
            again = server.ask()
            assert server.origin.last.get(b"if-none-match") == b'"x"'
            assert (again.status, again.body) == ("REVALIDATED", b"old")
            assert again.get(b"x-part") == part
            server.settle()
            assert server.ask().status == "HIT"
            assert server.ask().get(b"x-part") == part


def test_one_that_was_evicted_while_it_was_asked_about_is_fetched():
    large = response(b"x" * 200_000, STALE, TAG)
    good = b"HTTP/1.1 304 Not Modified\r\n" + TAG + b"\r\n\r\n"
    script = answers(large, good, fresh(b"new"))
    with caching(script, "proxy_cache_revalidate on;", options="inactive=1h") as server:
        server.ask()
        server.settle()
        for path in (server.prefix / "cache" / "bodies").rglob("*"):
            if path.is_file():
                path.unlink()
        again = server.ask()
        assert (again.status, again.body) == ("MISS", b"new")
        assert b"if-none-match" not in server.origin.last
        assert server.ask().status == "HIT"


def test_one_that_is_not_is_replaced():
    with revalidating("proxy_cache_revalidate on;", fresh(b"new")) as server:
        server.ask()
        assert server.ask().body == b"new"
        assert server.ask().status == "HIT"


@pytest.mark.parametrize(
    ("text", "second", "body"),
    [
        ("proxy_cache_use_stale http_500;", b"500 Broken", b"old"),
        ("proxy_cache_use_stale http_503;", b"500 Broken", b"no"),
        ("", b"500 Broken", b"no"),
    ],
)
def test_a_stale_answer_in_place_of_an_error(text, second, body):
    with revalidating(text, response(b"no", status=second)) as server:
        server.ask()
        assert server.ask().body == body


def test_a_stale_answer_where_nobody_answers():
    def script(peer):
        peer.request()
        if len(peer.origin.requests) == 1:
            peer.send(response(b"old", STALE, b"Connection: close"))

    for text, code in [("proxy_cache_use_stale error;", 200), ("", 502)]:
        with caching(script, text) as server:
            server.ask()
            assert server.ask().code == code


def test_must_revalidate_forbids_it_by_the_rfc():
    first = response(b"old", b"Cache-Control: max-age=0, must-revalidate", TAG)
    text = "proxy_cache_rfc on; proxy_cache_use_stale http_500;"
    with caching(answers(first, response(b"no", status=b"500 Broken")), text) as server:
        server.ask()
        assert server.ask().code == 500
