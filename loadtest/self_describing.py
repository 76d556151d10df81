"""An origin whose answers tell whether they are whole: `python -m loadtest.self_describing PORT`.

GET /NAME/N is answered with N octets, at least LEAST: a sum, and then what is summed up, which
holds the target and a number that no other answer has. Large ones come in pieces, so that there is
a middle to be hit in. All may be kept for an hour.
"""

import asyncio
import hashlib
import os
import sys

from loadtest.address import LOOPBACK

SUM = 32  # octets of a sum, in hex
LEAST = 256
_PIECE = 32768
_PAUSE = 0.002  # seconds between two pieces


def body(target: bytes, octets: int) -> bytes:
    """Return another answer to a target, of so many octets."""
    summed = target + b" " + os.urandom(8).hex().encode() + b" "
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
            await _answer(head.split(b" ", 2)[1], writer)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def _answer(target: bytes, writer: asyncio.StreamWriter) -> None:
    content = body(target, int(target.rpartition(b"/")[2]))
    head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % len(content))
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
