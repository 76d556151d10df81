"""What a keep-alive connection costs that nobody uses: octets of the proxy, for each of 3,000."""

import contextlib
import socket

from loadtest.address import LOOPBACK
from loadtest.idle import idle

_REQUEST = b"GET /1024 HTTP/1.1\r\nHost: idle\r\n\r\n"
_ANSWER = 1024  # octets at the least, with the head
_LATE = 10.0  # seconds without an octet


def _use(port: int, stack: contextlib.ExitStack) -> socket.socket | None:
    connection = socket.create_connection((LOOPBACK, port), timeout=_LATE)
    stack.enter_context(connection)
    connection.sendall(_REQUEST)
    return connection if _answered(connection) else None


def _answered(connection: socket.socket) -> bool:
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < _ANSWER:
        piece = connection.recv(65536)
        if not piece:
            return False
        data += piece
    return data.startswith(b"HTTP/1.1 200 ")


SCENARIO = idle("3,000 idle keep-alive connections: octets of memory each", 3000, _use)
