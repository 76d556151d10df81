"""An origin that can tell whether content of any length came whole, in a thread of this process.

GET /N is answered with the first N octets of what `content` yields. A PUT or POST of any length,
chunked or not, is answered with the sum of what came.
"""

import hashlib
import socketserver
import struct
import threading
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Self

from forkproxy.wire.chunked import ChunkedDecoder
from loadtest.address import LOOPBACK

PIECE = 1 << 18  # octets
_BODY = bytes(range(256)) * (PIECE // 256)


def content(octets: int) -> Iterator[bytes]:
    """Yield so many octets, in pieces of which no two are equal."""
    for number in range(-(-octets // PIECE)):
        piece = struct.pack(">Q", number) + _BODY[8:]
        yield piece[: octets - number * PIECE]


def sum_of(pieces: Iterable[bytes]) -> str:
    """Return the sum of octets, whatever pieces they come in."""
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


class SummingOrigin:
    """Serves on loopback while the `with` lasts.

    Attributes:
        port: it listens on.
    """

    def __init__(self) -> None:
        self._server = _Server((LOOPBACK, 0), _Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while head := _head(self.rfile):
            method, target = head[0].split(b" ")[:2]
            if method == b"GET":
                octets = int(target[1:])
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % octets)
                for piece in content(octets):
                    self.wfile.write(piece)
            else:
                found = sum_of(_body(self.rfile, head)).encode()
                self.wfile.write(
                    b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(found), found)
                )


def _head(file: BinaryIO) -> list[bytes]:
    """Return the lines of a head; none where the connection has ended."""
    lines = []
    while line := file.readline().rstrip(b"\r\n"):
        lines.append(line)
    return lines


def _body(file: BinaryIO, head: list[bytes]) -> Iterator[bytes]:
    fields = dict(line.lower().split(b":", 1) for line in head[1:])
    left = int(fields.get(b"content-length", b"0"))
    while left:
        piece = file.read(min(left, PIECE))
        if not piece:
            raise EOFError
        left -= len(piece)
        yield piece
    if b"transfer-encoding" in fields:
        yield from _chunks(file)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    decoder = ChunkedDecoder()
    rest = b""
    while not decoder.done:
        octets = file.read1(PIECE)  # type: ignore[attr-defined]
        if not octets:
            raise EOFError
        piece, rest = decoder.feed(rest + octets)
        yield piece
