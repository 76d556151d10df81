"""Where one piece is missing, that is asked for; what is there and what comes are one answer."""

import random
import threading

import pytest

from tests.support.caching import caching
from tests.support.client import Client, request
from tests.support.eventually import eventually
from tests.support.ranges import CONTENT, PARTS, RangeOrigin, asked, ranged, stored

LARGE = random.Random(2).randbytes(3 << 20)
LOCK = PARTS + "proxy_cache_lock on;"


@pytest.mark.parametrize(
    ("there", "piece"),
    [
        ([b"0-4999"], b"bytes=5000-"),
        ([b"5000-"], b"bytes=0-4999"),
        ([b"0-999", b"9000-"], b"bytes=1000-8999"),
    ],
)
@pytest.mark.parametrize("text", [PARTS, LOCK])
def test_for_the_whole_only_what_is_missing_is_asked_for(text, there, piece):
    with caching(RangeOrigin(CONTENT), text) as server:
        for one in there:
            ranged(server, one)
            server.settle()
        whole = server.ask()
        assert (whole.code, whole.status, whole.body) == (200, "MISS", CONTENT)
        assert whole.get(b"content-length") == b"10240"
        assert whole.get(b"content-range") is None
        assert whole.get(b"cache-status") == b"edge; fwd=partial; stored"
        assert server.origin.last.get(b"range") == piece
        assert server.origin.last.get(b"if-range") == b'"one"'
        eventually(lambda: stored(server)[0].status == 200)
        assert server.ask().status == "HIT"
        assert server.ask().body == CONTENT


def test_large_pieces_are_one_answer_too():
    with caching(RangeOrigin(LARGE), PARTS) as server:
        ranged(server, b"0-1048575")
        ranged(server, b"2097152-")
        server.settle()
        assert server.ask().body == LARGE
        server.settle()
        assert (server.ask().status, server.ask().body) == ("HIT", LARGE)


def test_of_a_range_only_what_is_missing_is_asked_for():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"1000-1999")
        server.settle()
        got = ranged(server, b"500-2499", b"X-A: 1")
        assert got.code == 206
        assert asked(server)[1:] == [b"bytes=500-2499"]  # two pieces are missing
        assert ranged(server, b"2000-2999").body == CONTENT[2000:3000]
        server.settle()
        got = ranged(server, b"2000-3999")
        assert (got.code, got.body) == (206, CONTENT[2000:4000])
        assert got.get(b"content-range") == b"bytes 2000-3999/10240"
        assert asked(server)[-1] == b"bytes=3000-3999"


def test_a_range_below_the_offset_completes_the_whole():
    text = PARTS.replace("offset 0", "offset 5000")
    with caching(RangeOrigin(CONTENT), text) as server:
        ranged(server, b"5000-")
        server.settle()
        got = ranged(server, b"4000-6000")
        assert (got.code, got.body) == (206, CONTENT[4000:6001])
        assert asked(server) == [b"bytes=5000-", b"bytes=0-4999"]
        eventually(lambda: stored(server)[0].status == 200)


def test_another_content_comes_as_a_whole():
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        origin.content, origin.tag = CONTENT[::-1], b'"two"'
        whole = server.ask()
        assert (whole.code, whole.body) == (200, CONTENT[::-1])
        server.settle()
        assert server.ask().status == "HIT"
        assert len(asked(server)) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda first, last, octets: (first + 1, last, octets[1:]),
        lambda first, last, octets: (first, last, octets[:-1]),
        lambda first, last, octets: (first, last, octets + b"more"),
        lambda first, last, octets: (first, last - 1, octets[:-1]),
    ],
)
def test_what_is_not_the_piece_is_no_part_of_the_answer(spoil):
    origin = RangeOrigin(CONTENT)
    with caching(origin, PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        origin.spoil = spoil
        whole = server.ask()
        assert (whole.code, whole.body) == (200, CONTENT)
        assert asked(server)[-2:] == [b"bytes=5000-", None]
        server.settle()
        assert server.ask().body == CONTENT


def test_what_has_no_validator_is_asked_for_once_and_never_joined():
    with caching(RangeOrigin(CONTENT, None), PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        assert server.ask().body == CONTENT
        assert asked(server) == [b"bytes=0-4999", b"bytes=5000-", None]


def test_an_origin_that_has_become_shorter_is_asked_for_all():
    origin = RangeOrigin(CONTENT, None)
    with caching(origin, PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        origin.content = CONTENT[:100]
        whole = server.ask()
        assert (whole.code, whole.body) == (200, CONTENT[:100])


def test_stale_parts_are_completed_too_since_if_range_validates_them():
    origin = RangeOrigin(CONTENT, b'"one"', b"Cache-Control: no-cache")
    with caching(origin, PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        assert server.ask().body == CONTENT
        assert asked(server) == [b"bytes=0-4999", b"bytes=5000-"]


def test_a_piece_that_is_cut_cuts_the_answer_and_nothing_of_it_is_kept():
    def script(peer):
        while True:
            asked_for = peer.request()
            answer = origin.answer(asked_for)
            if asked_for.get(b"range") == b"bytes=5000-":
                peer.send(answer[:-1])
                return
            peer.send(answer)

    origin = RangeOrigin(CONTENT)
    with caching(script, PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        with pytest.raises(Exception):  # noqa: B017 (whatever a client makes of an end too early)
            server.ask()
        (made,) = stored(server)
        assert made.extents == ((0, 5000),)


def test_conditions_are_answered_here_where_the_whole_is_completed():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        assert server.ask(b"/", b'If-None-Match: "one"').code == 304
        eventually(lambda: stored(server)[0].status == 200)
        assert server.ask().body == CONTENT


def test_who_asks_for_the_head_gets_that_of_the_whole():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"0-4999")
        server.settle()
        head = server.ask(method=b"HEAD")
        assert (head.code, head.get(b"content-length"), head.body) == (200, b"10240", b"")


def test_where_two_pieces_are_missing_the_whole_is_asked_for():
    with caching(RangeOrigin(CONTENT), PARTS) as server:
        ranged(server, b"1000-1999")
        server.settle()
        assert server.ask().body == CONTENT
        assert asked(server)[-1] is None


def test_who_asks_for_the_whole_meanwhile_follows_the_piece():
    origin = RangeOrigin(LARGE)
    go_on = threading.Event()

    def script(peer):
        while True:
            asked_for = peer.request()
            answer = origin.answer(asked_for)
            if asked_for.get(b"range") != b"bytes=0-999":
                peer.send(answer[:2000])
                go_on.wait(10.0)
                answer = answer[2000:]
            peer.send(answer)

    with caching(script, LOCK) as server:
        ranged(server, b"0-999")
        server.settle()
        with Client(server.address) as one, Client(server.address) as other:
            for client in (one, other):
                client.send(request(b"GET", b"/"))
                assert client.reader.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
                assert client.reader.exactly(1500) == LARGE[:1500]
            go_on.set()
            for client in (one, other):
                assert client.reader.exactly(len(LARGE) - 1500) == LARGE[1500:]
        assert asked(server) == [b"bytes=0-999", b"bytes=1000-"]
