"""A cache zone is kept within its limits, and forgets what nobody asks for."""

import dataclasses

import pytest

from forkproxy.cache import purge
from forkproxy.cache.scribe import scribe
from forkproxy.keeper.evict import Evictor, sweep_files
from tests.support.caching import FRESH, answers, caching, response

COUNT = 200
SIZE = 10_000


@pytest.fixture
def server():
    script = answers(response(b"x" * SIZE, FRESH))
    with caching(script, http="proxy_cache_key $uri;") as made:
        made.statuses(b"/once")
        made.settle()
        with made.zone.store.reading() as tables:
            octets = bytes(tables.entries.get(b"/once"))

        def put(shelf):
            for number in range(COUNT):
                shelf.put(b"/%03d" % number, octets)

        assert purge.submit(made.zone, put, None)
        scribe.flush(5.0)
        yield made


def limit(server, **options):
    server.zone.take_over(dataclasses.replace(server.zone.settings, **options))


def octets(server):
    with server.zone.store.reading() as tables:
        return sum(len(key) + len(value) for key, value in tables.entries.items())


def test_what_is_within_the_limits_stays(server):
    limit(server, max_size=10 * COUNT * SIZE)
    Evictor(server.zone).turn()
    assert len(server.keys()) == COUNT + 1


def test_what_is_too_much_goes_in_one_turn(server):
    limit(server, max_size=50 * SIZE)
    Evictor(server.zone).turn()
    assert 0 < octets(server) <= 50 * SIZE


def test_what_is_too_much_again_and_again_leaves_room_for_more(server):
    evictor = Evictor(server.zone)
    for limit_now in (150, 120):
        limit(server, max_size=limit_now * SIZE)
        evictor.turn()
    # At its second turn there were some 30 too many, so there is room for about as many.
    assert 85 * SIZE < octets(server) < 95 * SIZE


def test_what_is_asked_for_often_stays(server):
    often = [b"/%03d" % number for number in range(0, COUNT, 20)]
    for key in often:
        for _ in range(4):
            server.ask(key)
    limit(server, max_size=50 * SIZE)
    Evictor(server.zone).turn()
    assert set(often) <= set(server.keys())


def test_what_nobody_asks_for_goes(server):
    evictor = Evictor(server.zone)
    limit(server, inactive=-5.0)
    while server.keys():
        evictor.turn()


def test_a_disk_that_is_nearly_full_is_given_room(server):
    limit(server, min_free=1 << 60)
    Evictor(server.zone).turn()
    assert len(server.keys()) < COUNT


def test_files_that_no_entry_knows_are_deleted(server):
    large = server.prefix / "cache" / "bodies" / "00"
    large.mkdir()
    (large / "0000000000000000").write_bytes(b"left over")
    left = server.prefix / "cache" / "bodies" / ".4194303-1"
    left.write_bytes(b"of a process that died")
    assert sweep_files(server.zone, server.zone.store) == 1
    assert not left.exists()
