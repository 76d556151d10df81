"""What is pinned stays, whatever takes its place, until somebody lets go of it."""

import dataclasses

import pytest

from forkproxy.cache import choice, pins, purge, shelf
from forkproxy.cache.job import Job
from forkproxy.cache.scribe import perform
from forkproxy.cache.shelf import TooMuchPinnedError
from forkproxy.keeper.evict import Evictor
from tests.support.caching import FRESH, answers, caching, fresh, response

BY_URI = "proxy_cache_key $uri;"


def order(server, work):
    """Have something done to the store; return how many answers it met."""
    server.settle()
    ((_, outcome),) = perform(server.zone, [Job(server.zone, 0, work, lambda _: None)])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def pin(server, key):
    return order(server, pins.pin(choice.of_key(key)))


def pinned(server):
    with server.zone.store.reading() as tables:
        return shelf.sums(tables, shelf.PINS_KEY)


def limit(server, **options):
    server.zone.take_over(dataclasses.replace(server.zone.settings, **options))


def evict(server, turns=4):
    evictor = Evictor(server.zone)
    for _ in range(turns):
        evictor.turn()


def test_what_is_pinned_is_neither_forgotten_nor_evicted():
    with caching(answers(fresh(b"x" * 1000)), http=BY_URI) as server:
        server.statuses(b"/a", b"/b", b"/c")
        assert pin(server, b"/b") == 1
        limit(server, inactive=-5.0, max_size=10)
        evict(server)
        assert server.keys() == [b"/b"]
        assert order(server, pins.unpin(choice.of_all())) == 1
        evict(server)
        assert server.keys() == []


def test_what_takes_the_place_of_something_pinned_is_pinned():
    old = response(b"old", b"X-Accel-Expires: @1")
    with caching(answers(old, fresh(b"new!")), http=BY_URI) as server:
        server.ask()
        pin(server, b"/")
        before = pinned(server)
        assert server.ask().status == "EXPIRED"
        server.settle()
        assert (before[0], pinned(server)[0]) == (1, 1)
        assert pinned(server)[1] != before[1]


def test_what_a_304_has_freshened_stays_pinned():
    old = response(b"old", b"X-Accel-Expires: @1", b'ETag: "1"')
    same = response(b"", FRESH, b'ETag: "1"', status=b"304 Not Modified")
    with caching(answers(old, same), "proxy_cache_revalidate on;", http=BY_URI) as server:
        server.ask()
        pin(server, b"/")
        assert server.ask().status == "REVALIDATED"
        server.settle()
        assert pinned(server)[0] == 1


def test_what_was_read_while_it_was_pinned_is_not_pinned_again():
    with caching(answers(fresh()), http=BY_URI) as server:
        server.ask()
        pin(server, b"/")
        with server.zone.store.reading() as tables:
            octets = bytes(tables.entries.get(b"/"))
        order(server, pins.unpin(choice.of_all()))
        order(server, lambda shelf: shelf.put(b"/", octets) or 0)
        assert pinned(server) == (0, 0)


def test_a_soft_purge_lets_it_be_and_a_hard_one_takes_it_along():
    with caching(answers(fresh()), http=BY_URI) as server:
        server.ask()
        pin(server, b"/")
        order(server, purge.one(b"/", True))
        assert pinned(server)[0] == 1
        order(server, purge.one(b"/", False))
        assert pinned(server) == (0, 0)


def test_a_pinned_variant_keeps_the_note_that_leads_to_it():
    tagged = [response(b"x", FRESH, b"Vary: X-A", b"Cache-Tag: %d" % tag) for tag in (1, 2)]
    with caching(answers(*tagged), http=BY_URI) as server:
        server.ask(b"/", b"X-A: 1")
        server.ask(b"/", b"X-A: 2")
        assert order(server, pins.pin(choice.of_tag(b"1"))) == 1
        limit(server, inactive=-5.0)
        evict(server)
        assert server.ask(b"/", b"X-A: 1").status == "HIT"
        assert order(server, pins.unpin(choice.of_tag(b"1"))) == 1
        evict(server)
        assert server.keys() == []


def test_no_more_is_pinned_than_may_be_and_then_nothing_is():
    with caching(answers(fresh(b"x" * 1000)), http=BY_URI) as server:
        server.statuses(b"/a", b"/b")
        limit(server, max_size=2000)
        with pytest.raises(TooMuchPinnedError):
            order(server, pins.pin(choice.of_all()))
        assert pinned(server) == (0, 0)


def test_what_has_grown_too_much_is_no_longer_pinned(capfd):
    old = response(b"old", b"X-Accel-Expires: @1")
    with caching(answers(old, fresh(b"x" * 5000)), http=BY_URI) as server:
        server.ask()
        limit(server, max_size=2000)
        pin(server, b"/")
        server.ask()
        server.settle()
        assert pinned(server) == (0, 0)
        assert "no longer pinned, for it has grown: /" in capfd.readouterr().err
