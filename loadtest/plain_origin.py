"""An origin of our own: `python -m loadtest.plain_origin PORT`.

It answers GET with a body of as many octets as the path says (/1024), POST with 200 once it has
read the whole body, a WebSocket handshake with an echo, and /upload/stream with the beginning of a
page of which nothing more comes. nginx is the origin of the plain GETs
where it is installed, being faster; but it answers a POST before it has read the body.
"""

import asyncio
import sys

from loadtest import websocket
from loadtest.address import LOOPBACK
from loadtest.page import page

_LONGEST_HEAD = 16384  # octets
_LONGEST_BODY = 1 << 27  # octets of an answer
_PIECE = 2048  # octets of a stream that come


class Connection(asyncio.Protocol):
    """One connection, of HTTP/1.1 until it asks for a WebSocket."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body = 0  # octets of the request's body still to come
        self._reply = b""  # to send when it has
        self._tunnel = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._body > len(data) and not self._buffer:  # the middle of a long body
            self._body -= len(data)
            return
        self._buffer += data
        while self._echo() if self._tunnel else self._answer():
            pass

    def _answer(self) -> bool:
        """Take what is there a step on; return whether there may be another."""
        if not self._reply and not self._take_head():
            return False
        taken = min(self._body, len(self._buffer))
        del self._buffer[:taken]
        self._body -= taken
        if self._body:
            return False
        self._transport.write(self._reply)
        self._reply = b""
        return bool(self._buffer)

    def _take_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                self._transport.close()
            return False
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        del self._buffer[: end + 4]
        method, path, _ = lines[0].split(b" ")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        self._prepare(method, path, fields)
        return True

    def _prepare(self, method: bytes, path: bytes, fields: dict[bytes, bytes]) -> None:
        if b"sec-websocket-key" in fields:
            self._tunnel = True
            self._reply = (
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: "
                + websocket.accept(fields[b"sec-websocket-key"])
                + b"\r\n\r\n"
            )
            return
        if b"transfer-encoding" in fields:
            self._reply = _response(b"411 Length Required", b"")
            return
        self._body = int(fields.get(b"content-length", b"0"))
        size = path.strip(b"/")
        if path == b"/upload/stream":
            self._reply = _BEGUN
        elif method == b"POST":
            self._reply = _response(b"200 OK", b"")
        elif size.isdigit() and int(size) <= _LONGEST_BODY:
            self._reply = _response(b"200 OK", b"x" * int(size))
        else:
            self._reply = _response(b"404 Not Found", b"")

    def _echo(self) -> bool:
        frame = bytearray(self._buffer)

        def read(count: int) -> bytes:
            taken = bytes(frame[:count])
            if len(taken) < count:
                raise EOFError
            del frame[:count]
            return taken

        try:
            opcode, payload = websocket.read_frame(read)
        except EOFError:
            return False
        except ValueError:
            self._transport.close()
            return False
        self._buffer = frame
        self._transport.write(websocket.server_frame(opcode, payload))
        if opcode == websocket.CLOSE:
            self._transport.close()
            return False
        return bool(frame)


_BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + (
    b"%x\r\n%s\r\n" % (_PIECE, page(_PIECE))
)


def _response(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


async def serve(port: int) -> None:
    """Serve for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, LOOPBACK, port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
