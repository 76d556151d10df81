"""What is stored of an answer's parts, and for which requests it does."""

import pytest

from tests.support.caching import answers, caching, response
from tests.support.ranges import CONTENT, PARTS, RangeOrigin, asked, ranged


def part(octets, first, total, *lines):
    span = b"Content-Range: bytes %d-%d/%d" % (first, first + len(octets) - 1, total)
    return response(octets, span, *lines, status=b"206 Partial Content")


@pytest.mark.parametrize(
    ("again", "start", "stop"),
    [
        (b"1000-1999", 1000, 2000),
        (b"1000-1000", 1000, 1001),
        (b"1500-1600", 1500, 1601),
        (b"1999-1999", 1999, 2000),
    ],
)
def test_a_range_within_a_part_is_a_hit(again, start, stop):
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        first = ranged(server, b"1000-1999")
        assert (first.code, first.status, first.body) == (206, "MISS", CONTENT[1000:2000])
        for _ in range(2):
            hit = ranged(server, again)
            assert (hit.code, hit.status, hit.body) == (206, "HIT", CONTENT[start:stop])
            expected = b"bytes %d-%d/10240" % (start, stop - 1)
            assert hit.get(b"content-range") == expected
            assert hit.get(b"cache-status") == b"edge; hit"
            server.settle()
        assert asked(server) == [b"bytes=1000-1999"]


@pytest.mark.parametrize("again", [b"-240", b"10000-", b"10000-99999"])
def test_the_end_is_known_by_the_total(again):
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"-500")
        server.settle()
        hit = ranged(server, again)
        assert (hit.status, hit.body) == ("HIT", CONTENT[10000:])


@pytest.mark.parametrize("again", [b"999-1999", b"1000-2000", b"0-", b"-1", b"5000-5001"])
def test_what_a_part_does_not_have_is_asked_for(again):
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"1000-1999")
        server.settle()
        miss = ranged(server, again)
        assert miss.status == "MISS"
        assert miss.get(b"cache-status") == b"edge; fwd=partial; stored"
        assert len(server.origin.requests) == 2


def test_several_ranges_are_a_hit_where_all_of_them_are_there():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"1000-1999")
        server.settle()
        hit = ranged(server, b"1000-1001,1998-1999")
        assert hit.status == "HIT"
        assert hit.get(b"content-type").startswith(b"multipart/byteranges")
        assert CONTENT[1000:1002] in hit.body
        assert CONTENT[1998:2000] in hit.body
        assert ranged(server, b"1000-1001,5000-5001").status == "MISS"


def test_a_part_answers_no_request_for_all_and_no_head():
    with caching(RangeOrigin(CONTENT, None), PARTS) as server:
        ranged(server, b"0-999")
        server.settle()
        assert server.ask(method=b"HEAD").status == "MISS"
        assert server.ask().body == CONTENT


def test_if_range_has_to_name_what_is_there():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"0-999")
        server.settle()
        assert ranged(server, b"0-9", b'If-Range: "one"').status == "HIT"
        other = ranged(server, b"0-9", b'If-Range: "two"')
        assert (other.status, other.code, other.body) == ("MISS", 200, CONTENT)


def test_conditions_come_before_the_range():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"0-999")
        server.settle()
        assert ranged(server, b"0-9", b'If-None-Match: "one"').code == 304
        assert ranged(server, b"0-9", b'If-None-Match: "two"').body == CONTENT[:10]
        assert ranged(server, b"0-9", b'If-Match: "two"').code == 412
        assert len(server.origin.requests) == 1


def test_a_stale_part_is_asked_about_and_freshened():
    origin = RangeOrigin(CONTENT, b'"one"', b"Cache-Control: no-cache")
    with caching(origin, PARTS) as server:
        ranged(server, b"0-999")
        server.settle()
        good = ranged(server, b"10-19")
        assert (good.code, good.status, good.body) == (206, "REVALIDATED", CONTENT[10:20])
        request = server.origin.last
        assert request.get(b"if-none-match") == b'"one"'
        assert request.get(b"range") == b"bytes=10-19"
        origin.content, origin.tag = CONTENT[::-1], b'"two"'
        new = ranged(server, b"10-19")
        assert (new.code, new.status, new.body) == (206, "EXPIRED", origin.content[10:20])


def test_by_nginxs_rules_a_part_is_not_kept():
    text = "proxy_cache_max_range_offset 0; proxy_force_ranges on;"
    with caching(RangeOrigin(CONTENT), text) as server:
        assert ranged(server, b"0-9").reason == "range-offset"
        assert ranged(server, b"0-9").status == "MISS"


def test_without_an_offset_the_whole_is_asked_for():
    with caching(RangeOrigin(CONTENT), "proxy_cache_rfc on;") as server:
        assert ranged(server, b"0-9").body == CONTENT[:10]
        assert ranged(server, b"5000-5009").status == "HIT"
        assert asked(server) == [None]


def test_a_part_that_nobody_asked_for_is_kept_as_one():
    script = answers(part(b"4567", 4, 10, b"Cache-Control: max-age=60", b'ETag: "x"'))
    with caching(script, PARTS) as server:
        assert server.ask().code == 206
        server.settle()
        assert ranged(server, b"4-5").body == b"45"


def test_a_head_that_answers_something_else_is_not_kept():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        assert ranged(server, b"99999-").reason == "range-offset"
        assert ranged(server, b"0-9", b'If-None-Match: "one"').code == 304
        assert server.keys() == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "unknown-part"),
        ([b"Content-Range: bytes 4-7/*"], "unknown-part"),
        ([b"Content-Range: bytes 7-4/10"], "unknown-part"),
        ([b"Content-Range: bytes 4-7/10", b"Content-Range: bytes 4-7/10"], "unknown-part"),
        ([b"Content-Range: bytes 4-6/10"], "lying-length"),
        ([b"Content-Type: multipart/byteranges; boundary=x"], "several-parts"),
    ],
)
def test_a_part_that_cannot_be_placed_is_not_kept(lines, reason):
    answer = response(b"4567", b"Cache-Control: max-age=60", *lines, status=b"206 Partial Content")
    with caching(answers(answer), PARTS) as server:
        got = ranged(server, b"4-7")
        assert (got.body, got.reason) == (b"4567", reason)
        assert server.keys() == []
