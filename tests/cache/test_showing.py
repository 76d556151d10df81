"""What other processes see of a fill: nothing, unless one of them waits."""

import contextlib

from tests.cache.test_distant import BODY, OLD, TERMS, followed
from tests.support.caching import FRESH, Halting, caching, response
from tests.support.client import Client, request
from tests.support.eventually import eventually


def shown(server):
    """Return the names of the files of fills under way."""
    return {path.name for path in (server.prefix / "cache" / "bodies").glob(".*")}


def test_a_small_answer_is_in_no_file_where_nobody_waits():
    whole = response(BODY[:2_000], FRESH)
    script = Halting(whole, len(whole) - 10)
    with caching(script, "proxy_cache_lock on;") as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.reader.until(b"\r\n\r\n")
        with Client(server.address) as other:  # finds the fill: it is of the same process
            other.send(request(b"GET", b"/"))
            other.reader.until(b"\r\n\r\n")
        assert shown(server) == set()
        script.go_on.set()
        client.reader.exactly(2_000)


def test_what_was_shown_is_gone_when_the_answer_is_whole():
    for length in (2_000, len(BODY)):
        with followed(response(BODY[:length], FRESH)) as (server, one, _, go_on):
            assert any("-head-" in name for name in shown(server))
            go_on.set()
            one.reader.exactly(length)
            eventually(lambda server=server: shown(server) == set())


def test_a_small_answer_that_was_shown_lies_in_the_store():
    with followed(response(BODY[:2_000], FRESH)) as (server, one, _, go_on):
        go_on.set()
        one.reader.exactly(2_000)
        eventually(lambda: server.ask().status == "HIT")
        server.settle()
        bodies = server.prefix / "cache" / "bodies"
        assert not [path for path in bodies.rglob("*") if path.is_file()]


def test_where_it_cannot_be_shown_who_waits_gets_it_once_it_is_stored():
    whole = response(BODY[:2_000], FRESH)
    with followed_without_files(whole) as (server, one, other, go_on):
        go_on.set()
        one.reader.exactly(2_000)
        assert other.reader.until(BODY[1_990:2_000])
        assert len(server.origin.requests) == 2


@contextlib.contextmanager
def followed_without_files(whole):
    """As `followed`, where no file can be made."""
    script = Halting(whole, whole.index(b"\r\n\r\n") + 1_504, [OLD])
    with caching(script, TERMS) as server:
        server.ask()
        server.settle()
        (server.prefix / "cache" / "bodies").rmdir()
        with Client(server.address) as one, Client(server.address) as other:
            one.send(request(b"GET", b"/"))
            server.origin.wait(2)
            other.send(request(b"GET", b"/"))
            yield server, one, other, script.go_on
