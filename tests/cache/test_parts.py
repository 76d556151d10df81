"""What is the same content, and what parts of it are together."""

from tests.support.caching import caching
from tests.support.ranges import CONTENT, PARTS, RangeOrigin, ranged, stored


def test_weak_validators_and_none_never_join():
    for tag in (b'W/"one"', None):
        with caching(RangeOrigin(CONTENT, tag), PARTS) as server:
            ranged(server, b"0-99")
            server.settle()
            ranged(server, b"100-199")
            (made,) = stored(server)
            assert made.extents == ((100, 200),)


def test_another_total_is_another_content():
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        ranged(server, b"0-99")
        server.settle()
        origin.content = CONTENT + b"more"
        ranged(server, b"100-199")
        (made,) = stored(server)
        assert (made.extents, made.length) == (((100, 200),), 10244)


def test_a_date_well_before_the_answers_own_is_a_strong_validator_and_a_late_one_is_not():
    modified = b"Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT"
    for date, count in ((b"00:01:00", 1), (b"00:00:59", 0)):
        fields = (
            b"Cache-Control: max-age=99999999",
            modified,
            b"Date: Thu, 01 Jan 2026 %b GMT" % date,
        )
        with caching(RangeOrigin(CONTENT, None, *fields), PARTS) as server:
            ranged(server, b"0-99")
            server.settle()
            ranged(server, b"100-199")
            (made,) = stored(server)
            assert made.extents == ((0 if count else 100, 200),)


def test_the_newer_answers_fields_take_the_place_of_those_of_their_names():
    origin = RangeOrigin(CONTENT, b'"one"', b"Cache-Control: max-age=60", b"X-A: 1", b"X-B: 1")
    with caching(origin, PARTS) as server:
        ranged(server, b"0-99")
        server.settle()
        origin.fields = (b"Cache-Control: max-age=60", b"X-A: 2", b"X-C: 2")
        ranged(server, b"100-199")
        server.settle()
        hit = ranged(server, b"0-199")
        assert [hit.get(name) for name in (b"x-a", b"x-b", b"x-c")] == [b"2", b"1", b"2"]
