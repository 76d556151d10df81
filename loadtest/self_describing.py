"""An origin whose answers tell whether they are whole: `python -m loadtest.self_describing PORT`.

GET /NAME/N is answered with N octets, at least LEAST: a sum, and then what is summed up, which
holds the target and a number that no other answer has. Large ones come in pieces, so that there is
a middle to be hit in. All may be kept for an hour.

What is below /parts/ has an ETag instead, from which all of its octets follow, and lasts a second.
It changes now and then, and ranges of it may be asked for.
"""

import asyncio
import hashlib
import os
import sys
import time

from loadtest.address import LOOPBACK

SUM = 32  # octets of a sum, in hex
LEAST = 256
_PIECE = 32768
_PAUSE = 0.002  # seconds between two pieces
_LASTS = 10.0  # seconds until what is below PARTS is another content
PARTS = b"/parts/"


def body(target: bytes, octets: int, number: bytes = b"") -> bytes:
    """Return an answer to a target, of so many octets: that of a number, or else another one."""
    summed = target + b" " + (number or os.urandom(8).hex().encode()) + b" "
    summed += hashlib.shake_128(summed).digest(octets - SUM - len(summed))
    return _sum(summed) + summed


def is_whole(target: bytes, octets: bytes) -> bool:
    """Tell whether octets are one whole answer to a target."""
    summed = octets[SUM:]
    return octets[:SUM] == _sum(summed) and summed.startswith(target + b" ")


def _sum(octets: bytes) -> bytes:
    return hashlib.blake2b(octets, digest_size=SUM // 2).hexdigest().encode()


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[1]
            if target.startswith(PARTS):
                await _answer_part(target, _fields(head), writer)
            else:
                await _answer(target, writer)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


def _fields(head: bytes) -> dict[bytes, bytes]:
    lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return {name.lower(): value.strip() for name, _, value in lines}


async def _answer(target: bytes, writer: asyncio.StreamWriter) -> None:
    content = body(target, int(target.rpartition(b"/")[2]))
    await _send(b"200 OK", [b"Cache-Control: max-age=3600"], content, writer)


async def _answer_part(
    target: bytes, asked: dict[bytes, bytes], writer: asyncio.StreamWriter
) -> None:
    number = b"%d" % (time.time() / _LASTS)
    tag = b'"%b"' % number
    lines = [b"Cache-Control: max-age=1", b"ETag: " + tag]
    if asked.get(b"if-none-match") == tag:
        writer.write(b"\r\n".join([b"HTTP/1.1 304 Not Modified", *lines, b"", b""]))
        return
    content = body(target, int(target.rpartition(b"/")[2]), number)
    wanted = asked.get(b"range")
    if wanted is None or asked.get(b"if-range", tag) != tag:
        await _send(b"200 OK", lines, content, writer)
        return
    first, _, last = wanted.removeprefix(b"bytes=").partition(b"-")
    start, stop = int(first), int(last or len(content) - 1) + 1
    lines.append(b"Content-Range: bytes %d-%d/%d" % (start, stop - 1, len(content)))
    await _send(b"206 Partial Content", lines, content[start:stop], writer)


async def _send(
    status: bytes, lines: list[bytes], content: bytes, writer: asyncio.StreamWriter
) -> None:
    length = b"Content-Length: %d" % len(content)
    writer.write(b"\r\n".join([b"HTTP/1.1 " + status, *lines, length, b"", b""]))
    for start in range(0, len(content), _PIECE):
        if start:
            await asyncio.sleep(_PAUSE)
        writer.write(content[start : start + _PIECE])
        await writer.drain()


async def serve(port: int) -> None:
    """Serve for ever."""
    server = await asyncio.start_server(_converse, LOOPBACK, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
