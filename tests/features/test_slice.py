"""slice: an answer is fetched and kept in parts, and a range needs only the parts it lies in."""

import re

import pytest

from tests.support.caching import caching, response
from tests.support.client import Client, request

CONTENT = b"0123456789abcdef"
TEXT = """
slice 4;
proxy_set_header Range $slice_range;
proxy_cache_valid 200 206 1h;
"""
KEY = "proxy_cache_key $uri$is_args$args$slice_range;"


def part(first, last, *lines, whole=16, etag=b'"x"'):
    span = b"Content-Range: bytes %d-%d/%d" % (first, last, whole)
    return response(
        CONTENT[first : last + 1], span, b"ETag: " + etag, *lines, status=b"206 Partial Content"
    )


def parts(peer):
    """An origin that gives what Range asks for."""
    while True:
        asked = peer.request()
        if asked.target == b"/whole":
            peer.send(response(CONTENT))
            continue
        first, last = map(int, re.match(rb"bytes=(\d+)-(\d+)", asked.get(b"range")).groups())
        peer.send(part(first, min(last, len(CONTENT) - 1)))


def asked(server):
    return [one.get(b"range") for one in server.origin.requests]


def test_the_whole_is_made_of_its_parts():
    with caching(parts, TEXT, http=KEY) as server:
        got = server.ask()
        assert (got.code, got.body, got.get(b"content-range")) == (200, CONTENT, None)
        assert asked(server) == [b"bytes=0-3", b"bytes=4-7", b"bytes=8-11", b"bytes=12-15"]
        server.settle()
        assert (server.ask().status, server.ask().body) == ("HIT", CONTENT)
        assert len(server.origin.requests) == 4


@pytest.mark.parametrize(
    ("wanted", "content", "fetched"),
    [
        (b"0-0", b"0", [b"bytes=0-3"]),
        (b"5-6", b"56", [b"bytes=4-7"]),
        (b"3-8", b"345678", [b"bytes=0-3", b"bytes=4-7", b"bytes=8-11"]),
        (b"12-", b"cdef", [b"bytes=12-15"]),
        (b"-2", b"ef", [b"bytes=0-3", b"bytes=12-15"]),
    ],
)
def test_of_a_range_only_the_parts_it_lies_in_are_fetched(wanted, content, fetched):
    with caching(parts, TEXT, http=KEY) as server:
        got = server.ask(b"/", b"Range: bytes=" + wanted)
        assert (got.code, got.body) == (206, content)
        assert asked(server) == fetched


def test_several_ranges_are_answered_with_the_whole():
    with caching(parts, TEXT, http=KEY) as server:
        got = server.ask(b"/", b"Range: bytes=1-2,4-5")
        assert (got.code, got.body) == (200, CONTENT)


def test_a_condition_is_one_on_the_whole():
    with caching(parts, TEXT, http=KEY) as server:
        assert server.ask(b"/", b'If-None-Match: "x"').code == 304
        assert server.ask(b"/", b'If-Match: "y"').code == 412
        assert server.ask(b"/", b"Range: bytes=5-6", b'If-Range: "x"').body == b"56"
        assert server.ask(b"/", b"Range: bytes=5-6", b'If-Range: "y"').body == CONTENT


def test_a_head_tells_the_length_of_the_whole():
    with caching(parts, TEXT, http=KEY) as server:
        got = server.ask(method=b"HEAD")
        assert (got.code, got.get(b"content-length")) == (200, b"16")


def test_an_answer_that_is_no_part_goes_on_as_it_is():
    with caching(parts, TEXT, http=KEY) as server:
        got = server.ask(b"/whole")
        assert (got.code, got.body) == (200, CONTENT)


@pytest.mark.parametrize(
    "answers",
    [
        [part(0, 2)],
        [part(1, 4)],
        [part(0, 3, whole=0)],
        [response(b"0123", b"Content-Range: bytes", status=b"206 Partial Content")],
        [response(b"0123", b"Content-Range: bytes 0-3/*", status=b"206 Partial Content")],
        [part(0, 3), part(4, 7, etag=b'"y"')],
        [part(0, 3), part(0, 3)],
        [part(0, 3), response(CONTENT)],
        [part(0, 3), part(4, 7, whole=17)],
    ],
    ids=[
        "short",
        "shifted",
        "empty",
        "no range",
        "no length",
        "other tag",
        "other part",
        "no part",
        "other whole",
    ],
)
def test_what_is_not_the_part_that_was_asked_for_is_no_answer(answers):
    def script(peer):
        while True:
            peer.request()
            peer.send(answers[min(len(peer.origin.requests), len(answers)) - 1])

    with caching(script, TEXT, http=KEY) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        assert client.closed()


def test_without_the_variable_an_upstreams_part_is_passed_on():
    def script(peer):
        peer.request()
        peer.send(part(2, 3))

    with caching(script, "slice 4; proxy_cache_max_range_offset 0;") as server:
        got = server.ask(b"/", b"Range: bytes=2-3")
        assert (got.code, got.body) == (206, b"23")


def test_an_include_in_a_sliced_page_is_no_part_of_it():
    page = b'<!--#include virtual="/plain/" -->'

    def script(peer):
        while True:
            if peer.request().target == b"/":
                span = b"Content-Range: bytes 0-%d/%d" % (len(page) - 1, len(page))
                peer.send(
                    response(page, span, b"Content-Type: text/html", status=b"206 Partial Content")
                )
            else:
                peer.send(response(b"plain"))

    text = "slice 1k; proxy_set_header Range $slice_range; proxy_cache_valid 206 1h; ssi on;"
    more = "location /plain/ { proxy_pass http://%ORIGIN%; proxy_set_header Range $slice_range; }"
    with caching(script, text, more=more, http=KEY) as server:
        assert server.ask().body == b"plain"
        assert server.origin.last.get(b"range") is None
