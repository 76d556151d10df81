"""Requests as octets, and one read by forkproxy's parser, from the method to the last trailer."""

from typing import NamedTuple

import pytest

from forkproxy.errors import ProtocolError
from forkproxy.wire.chunked import ChunkedDecoder
from forkproxy.wire.head import parse_request_head
from forkproxy.wire.head_limits import HeadLimits, request_length


class Seen(NamedTuple):
    """All that was seen of a request, for comparing."""

    method: bytes
    target: bytes
    minor: int
    fields: list  # of (name, value)
    content: bytes
    trailers: list  # of (name, value)


def request(line=b"GET / HTTP/1.1", *fields, host=b"localhost"):
    """Return a request's head: its line, Host, and so many lines more."""
    return b"\r\n".join([line, b"Host: " + host, *fields]) + b"\r\n\r\n"


def refusal(octets, limits=None):
    """Return the status with which a head is refused."""
    with pytest.raises(ProtocolError) as caught:
        parse_request_head(octets, limits or HeadLimits())
    return caught.value.status


def read_request(pieces, limits=None):
    """Return (Seen, the octets behind it), or None where the pieces were not enough.

    Raises ProtocolError.
    """
    limits = limits or HeadLimits()
    data, length, scanned = b"", 0, 0
    while not length:
        piece = next(pieces, None)
        if piece is None:
            return None
        data += piece
        length, scanned = request_length(data, scanned, limits)
    head = parse_request_head(data[:length], limits)
    body = read_chunks if head.chunked else read_octets(max(0, head.content_length))
    found = body(data[length:], pieces)
    if found is None:
        return None
    content, trailers, rest = found
    seen = Seen(head.method, head.target, head.minor, head.fields.items(), content, trailers)
    return seen, rest + b"".join(pieces)


def read_octets(count):
    """Return a reader of content of known length."""

    def read(data, pieces):
        while len(data) < count:
            piece = next(pieces, None)
            if piece is None:
                return None
            data += piece
        return data[:count], [], data[count:]

    return read


def read_chunks(data, pieces):
    """Return (content, trailers, the octets behind it), or None where there was no end."""
    decoder = ChunkedDecoder()
    content = b""
    while data is not None:
        some, rest = decoder.feed(data)
        content += some
        if decoder.done:
            return content, decoder.trailers.items() if decoder.trailers else [], rest
        data = next(pieces, None)
    return None
