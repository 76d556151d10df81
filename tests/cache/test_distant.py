"""Following a fill that is not found here: one that replaces a stale answer is such a one too."""

import contextlib

import pytest

from tests.support.caching import FRESH, Halting, caching, chunked, response
from tests.support.client import Client, request
from tests.support.eventually import eventually

TERMS = "proxy_cache_rfc on; proxy_cache_lock on;"
OLD = response(b"old", b"Cache-Control: max-age=0", b'ETag: "1"')
BODY = bytes(range(250)) * 1200


@contextlib.contextmanager
def followed(whole):
    """A server, the client that made it ask, one that follows, and what lets the origin go on."""
    script = Halting(whole, whole.index(b"\r\n\r\n") + 1_504, [OLD])
    with caching(script, TERMS) as server:
        assert server.ask().body == b"old"
        server.settle()  # it is stored, and its claim given back
        with Client(server.address) as one, Client(server.address) as other:
            one.send(request(b"GET", b"/"))
            server.origin.wait(2)
            other.send(request(b"GET", b"/"))
            heads = [client.reader.until(b"\r\n\r\n") for client in (one, other)]
            assert [b"X-Status: HIT" in head for head in heads] == [False, True]
            yield server, one, other, script.go_on


@pytest.mark.parametrize("length", [2_000, len(BODY)])
def test_who_follows_gets_it_as_it_comes(length):
    body = BODY[:length]
    with followed(response(body, FRESH)) as (server, one, other, go_on):
        assert other.reader.exactly(1_500) == body[:1_500]
        go_on.set()
        assert one.reader.exactly(length) == body
        assert other.reader.exactly(length - 1_500) == body[1_500:]
        assert len(server.origin.requests) == 2


def test_it_may_have_no_length():
    with followed(chunked([BODY], FRESH)) as (_, _, other, go_on):
        go_on.set()
        assert other.reader.until(b"0\r\n\r\n")


def test_what_ends_too_early_ends_too_early_for_who_follows():
    with followed(response(BODY, FRESH)[:-1]) as (server, _, other, go_on):
        go_on.set()
        assert len(other.rest()) < len(BODY)
        eventually(lambda: "truncated" in server.zone.counts()["not_stored"])


def test_another_variant_is_not_followed():
    vary = response(b"a" * 2_000, FRESH, b"Vary: X-Which")
    script = Halting(vary, vary.index(b"\r\n\r\n") + 1_504, [OLD])
    with caching(script, TERMS + "proxy_cache_lock_timeout 30ms;") as server:
        server.ask()
        server.settle()
        with Client(server.address) as one:
            one.send(request(b"GET", b"/"))
            one.reader.until(b"\r\n\r\n")
            assert server.ask(b"/", b"X-Which: b").reason == "lock-timeout"
            script.go_on.set()
