"""Parts of the same content join, and nothing else does."""

import os
import random

import pytest

from forkproxy.cache import extents, joining
from tests.support.caching import caching
from tests.support.ranges import CONTENT, PARTS, RangeOrigin, asked, ranged, stored

LARGE = random.Random(1).randbytes(1 << 20)


def files(server):
    """Return the files of contents, and how many octets are in each."""
    bodies = server.prefix / "cache" / "bodies"
    return {path: path.stat().st_size for path in bodies.rglob("*") if path.is_file()}


def test_parts_become_one_entry_and_the_whole_an_ordinary_one():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        for text in (b"0-99", b"200-299", b"100-199", b"9000-"):
            ranged(server, text)
            server.settle()
        (made,) = stored(server)
        assert made.extents == ((0, 300), (9000, 10240))
        assert len(files(server)) == 1
        assert ranged(server, b"50-250").body == CONTENT[50:251]
        ranged(server, b"300-8999")
        (made,) = stored(server)
        assert (made.status, made.extents, made.length) == (200, None, 10240)
        whole = server.ask()
        assert (whole.status, whole.code, whole.body) == ("HIT", 200, CONTENT)
        assert list(files(server).values()) == [10240]
        assert ranged(server, b"-240").body == CONTENT[10000:]
        assert len(asked(server)) == 5


def test_parts_that_come_at_once_join_too():
    with caching(RangeOrigin(LARGE), PARTS) as server:
        for start in range(0, 1 << 20, 1 << 17):
            assert ranged(server, b"%d-%d" % (start, start + (1 << 17) - 1)).code == 206
        (made,) = stored(server)
        assert (made.status, made.extents) == (200, None)
        assert server.ask().body == LARGE


def test_random_parts_are_served_as_they_are_in_the_whole():
    chance = random.Random(7)
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        for _ in range(80):
            start = chance.randrange(len(CONTENT))
            stop = min(len(CONTENT), start + chance.randrange(1, 900))
            got = ranged(server, b"%d-%d" % (start, stop - 1))
            assert (got.code, got.body) == (206, CONTENT[start:stop])
        (made,) = stored(server)
        assert len(asked(server)) < 80
        assert made.extents is None or extents.octets(made.extents) <= len(CONTENT)


@pytest.mark.parametrize("tag", [b'"two"', b'W/"one"', None])
def test_what_is_not_surely_the_same_content_takes_the_place_of_what_was_there(tag):
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        ranged(server, b"0-99")
        server.settle()
        origin.tag, origin.content = tag, CONTENT[::-1]
        ranged(server, b"100-199")
        (made,) = stored(server)
        assert made.extents == ((100, 200),)
        assert ranged(server, b"100-109").body == origin.content[100:110]
        assert ranged(server, b"0-9").body == origin.content[:10]
        server.settle()
        assert len(files(server)) == 1


def test_an_answer_to_if_range_is_added_but_stands_not_for_itself():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"0-99", b'If-Range: "one"')
        assert stored(server) == []
        assert server.zone.counts()["not_stored"] == {"head-omitted": 1}
        ranged(server, b"0-99")
        server.settle()
        ranged(server, b"100-199", b'If-Range: "one"')
        (made,) = stored(server)
        assert made.extents == ((0, 200),)


def test_a_part_that_is_shorter_than_it_says_is_served_but_never_joined():
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        origin.spoil = lambda first, last, octets: (first, last, octets[:-1])
        ranged(server, b"0-99")
        (made,) = stored(server)
        assert made.extents == ((0, 99),)
        assert ranged(server, b"50-98").status == "HIT"
        assert ranged(server, b"50-99").status == "MISS"
        origin.spoil = None
        ranged(server, b"99-199")
        (made,) = stored(server)
        assert made.extents == ((99, 200),)


def test_an_entry_has_so_many_parts_and_no_more():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        for number in range(extents.MOST + 1):
            ranged(server, b"%d-%d" % (10 * number, 10 * number))
            server.settle()
        (made,) = stored(server)
        assert len(made.extents) == extents.MOST
        assert server.zone.counts()["not_stored"] == {"too-many-parts": 1}
        assert len(files(server)) == 1


def test_a_part_counts_by_the_octets_that_are_there():
    with caching(RangeOrigin(LARGE), PARTS) as server:
        ranged(server, b"1000000-1000999")
        (made,) = stored(server)
        assert 1000 < made.size_in_all() < 2000


def test_variants_have_parts_of_their_own():
    origin = RangeOrigin(CONTENT, b'"one"', b"Cache-Control: max-age=60", b"Vary: X-A")
    with caching(origin, PARTS) as server:
        ranged(server, b"0-99", b"X-A: 1")
        server.settle()
        assert ranged(server, b"0-9", b"X-A: 2").status == "MISS"
        server.settle()
        ranged(server, b"100-199", b"X-A: 1")
        server.settle()
        assert ranged(server, b"0-199", b"X-A: 1").status == "HIT"
        assert ranged(server, b"0-99", b"X-A: 2").status == "MISS"


def test_a_whole_answer_stays_whole_when_a_part_of_it_comes():
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        server.ask()
        server.settle()
        # What the client asks for itself is passed on, and is the same content.
        ranged(server, b"0-9", b"Cache-Control: no-cache")
        (made,) = stored(server)
        assert (made.status, made.length) == (200, 10240)
        assert server.ask().body == CONTENT


def test_octets_are_copied_to_their_places_and_nowhere_else(tmp_path):
    (tmp_path / "new").write_bytes(b"0123456789")
    (tmp_path / "old").write_bytes(b"..........")
    joining.copy(str(tmp_path / "new"), str(tmp_path / "old"), [(1, 3), (8, 10)])
    assert (tmp_path / "old").read_bytes() == b".12.....89"


def test_a_file_that_is_too_short_is_an_error(tmp_path):
    (tmp_path / "new").write_bytes(b"01")
    (tmp_path / "old").write_bytes(b"")
    with pytest.raises(OSError, match="shorter"):
        joining.copy(str(tmp_path / "new"), str(tmp_path / "old"), [(1, 3)])
    assert os.path.getsize(tmp_path / "old") == 2
