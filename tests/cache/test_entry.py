"""A stored answer as one run of octets."""

import pytest

from forkproxy.cache import entry
from tests.support.caching import FRESH, answers, caching, response

TAGGED = response(b"content", FRESH, b"Cache-Tag: a, b", b'ETag: "x"', b"X-Odd: 1")


@pytest.fixture(scope="module")
def stored():
    with caching(answers(TAGGED)) as server:
        server.ask()
        server.settle()
        with server.zone.store.reading() as tables:
            ((_, octets),) = [(key, bytes(value)) for key, value in tables.entries.items()]
            return octets


def test_an_entry_has_what_was_stored(stored):
    found = entry.read(stored)
    assert found.status == 200
    assert found.content() == b"content"
    assert found.tags == (b"a", b"b")
    assert found.etag == b'"x"'
    assert (b"X-Odd", b"1") in found.field_lines()
    assert found.size_in_all() == len(stored)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_octets_that_are_not_a_whole_entry_are_none(stored, cut):
    assert entry.read(stored[:cut]) is None


def test_octets_of_another_version_are_none(stored):
    assert entry.read(b"\0\0\0\0" + stored[4:]) is None


def test_too_many_octets_are_none(stored):
    assert entry.read(stored + b"x") is None


def test_an_entry_made_stale_differs_in_that_alone(stored):
    found = entry.read(entry.read(stored).stale_now(5.0))
    assert found.fresh_until == 5.0
    assert found.content() == b"content"


def test_what_lies_in_the_store_itself_is_served_whole_at_any_size():
    with caching(
        answers(*[response(b"x" * size, FRESH) for size in (0, 1, 16384, 131072)])
    ) as server:
        for size in (0, 1, 16384, 131072):
            server.ask(b"/%d" % size)
        server.settle()
        for size in (0, 1, 16384, 131072):
            got = server.ask(b"/%d" % size)
            assert (got.status, len(got.body)) == ("HIT", size)


def test_parts_of_an_entry_are_cut_out_of_it():
    with caching(answers(response(b"0123456789", FRESH, b"Accept-Ranges: bytes"))) as server:
        server.ask()
        server.settle()
        assert server.ask(b"/", b"Range: bytes=2-4").body == b"234"
        several = server.ask(b"/", b"Range: bytes=0-1,8-").body
        assert b"\r\n\r\n01\r\n" in several
        assert b"\r\n\r\n89\r\n" in several
