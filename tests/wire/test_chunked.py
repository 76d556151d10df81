"""Reading the chunked coding (RFC 9112 §7.1): what it is, and what is not it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.errors import ProtocolError
from forkproxy.wire.chunked import ChunkedDecoder
from tests.support.requests import read_chunks
from tests.support.threeways import three_ways


def read(pieces):
    found = read_chunks(next(pieces, b""), pieces)
    if found is None:
        return None
    content, trailers, rest = found
    return (content, trailers), rest + b"".join(pieces)


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b"0\r\n\r\n", b""),
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world"),
        (b"A\r\n0123456789\r\n00\r\n\r\n", b"0123456789"),
        (b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"005\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
        (b"5;a\r\nhello\r\n0;b=c\r\n\r\n", b"hello"),
        (b'5;a="b;c" ; d\r\nhello\r\n0\r\n\r\n', b"hello"),
        (b"5 \t;a\r\nhello\r\n0\r\n\r\n", b"hello"),
    ],
)
def test_content_is_read(octets, content):
    assert three_ways(read, octets) == ((content, []), b"")


@pytest.mark.parametrize("end", range(len(b"5;a\r\nhello\r\n0\r\nX: y\r\n\r\n")))
def test_it_waits_for_the_end(end):
    octets = b"5;a\r\nhello\r\n0\r\nX: y\r\n\r\n"[:end]
    decoder = ChunkedDecoder()
    decoder.feed(octets)
    assert not decoder.done


@pytest.mark.parametrize(
    "octets",
    [
        b"\r\n",
        b"x\r\n",
        b"+5\r\n",
        b"-5\r\n",
        b" 5\r\n",
        b"5 \r\n",
        b"5\t\r\n",
        b"5 a\r\n",
        b"5 5\r\n",
        b"0x5\r\n",
        b"5g\r\n",
        b"5\n",
        b"5\rh",
        b"5\r\r\n",
        b"5;a\n",
        b"5;a\rb\r\n",
        b"5;a\0\r\n",
        b"5;a\x7f\r\n",
        b"5\r\nhello0\r\n",
        b"5\r\nhello\n",
        b"5\r\nhello\rX",
        b"5\r\nhello\r\n\r\n",
        b"1000000000000000\r\n",
        b"00000000000000005\r\n",
        b"0\r\n\n",
        b"0\r\nX: y\n",
        b"0\r\nX: y\r\n z\r\n\r\n",
        b"0\r\nX : y\r\n\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"0\r\nX: \0\r\n\r\n",
        b"0\r\n: y\r\n\r\n",
    ],
)
def test_what_is_not_the_coding_is_refused(octets):
    assert three_ways(read, octets) == 400


def test_trailers_are_fields():
    octets = b"1\r\na\r\n0\r\nX-Sum: 1\r\nX-Other:  2 \r\n\r\n"
    assert three_ways(read, octets) == ((b"a", [(b"X-Sum", b"1"), (b"X-Other", b"2")]), b"")


def test_without_trailers_there_are_none():
    decoder = ChunkedDecoder()
    decoder.feed(b"0\r\n\r\n")
    assert decoder.trailers is None


@pytest.mark.parametrize("name", [b"Content-Length", b"transfer-encoding", b"Host", b"TRAILER"])
def test_what_framing_hangs_on_is_no_trailer(name):
    assert three_ways(read, b"0\r\n%s: 1\r\n\r\n" % name) == 400


def test_what_was_received_is_counted():
    decoder = ChunkedDecoder()
    decoder.feed(b"5\r\nhel")
    assert decoder.received == 3
    decoder.feed(b"lo\r\n1\r\n!\r\n0\r\n\r\n")
    assert decoder.received == 6


def test_extensions_are_limited_over_all_chunks():
    decoder = ChunkedDecoder()
    chunk = b"1;" + b"a" * 500 + b"\r\nx\r\n"
    with pytest.raises(ProtocolError, match="extensions"):
        for _ in range(40):
            decoder.feed(chunk)
    assert decoder.received > 20


def test_a_trailer_section_is_limited():
    decoder = ChunkedDecoder()
    decoder.feed(b"0\r\n")
    with pytest.raises(ProtocolError, match="trailer"):
        decoder.feed(b"X: " + b"a" * 20_000)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=10), st.integers(1, 50))
def test_the_pieces_in_which_it_comes_do_not_matter(contents, size):
    octets = b"".join(b"%X;e\r\n%s\r\n" % (len(some), some) for some in contents) + b"0\r\n\r\n"
    decoder = ChunkedDecoder()
    found = b""
    for at in range(0, len(octets), size):
        some, rest = decoder.feed(octets[at : at + size])
        found += some
        assert rest == b""
    assert decoder.done
    assert found == b"".join(contents)


@given(st.binary(max_size=100))
def test_noise_is_read_the_same_in_three_ways(octets):
    three_ways(read, octets)
