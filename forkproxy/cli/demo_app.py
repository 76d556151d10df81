"""The application behind `forkproxy demo`: a page, an echo, a stream of events, a WebSocket.

It stands for the program that somebody wants to put a proxy in front of, so it
shares no code with forkproxy: the standard library, and a thread a connection.
Run as `python -m forkproxy.cli.demo_app DESCRIPTOR CONFIGURATION`, where the
descriptor is a listening socket; it ends when its standard input does.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

EVERY = 1.0  # seconds between two events of the stream
MOST = 65535  # octets of a request body or a WebSocket message
ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
CLOSE, PING, PONG = 0x8, 0x9, 0xA  # RFC 6455 §5.2


class Application(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "demo"
    sys_version = ""
    page = b""
    configuration = b""

    def do_GET(self) -> None:
        """Answer by path."""
        match self.path.partition("?")[0]:
            case "/":
                self.answer(self.page, "text/html; charset=utf-8")
            case "/echo":
                self.echo()
            case "/events":
                self.events()
            case "/socket":
                self.websocket()
            case "/nginx.conf":
                self.answer(self.configuration, "text/plain; charset=utf-8")
            case _:
                self.answer(b"There is no such page.\n", "text/plain", 404)

    def do_POST(self) -> None:
        """Answer as to GET: only the echo looks at a body."""
        self.do_GET()

    do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815
    do_HEAD = do_GET  # noqa: N815

    def answer(self, body: bytes, kind: str, status: int = 200) -> None:
        """Send one whole response."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def echo(self) -> None:
        """Tell, as JSON, the request as it arrived here: behind the proxy."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MOST:
            self.close_connection = True
            self.answer(b"The body is too large.\n", "text/plain", 413)
            return
        seen = {
            "method": self.command,
            "target": self.path,
            "version": self.request_version,
            "from": "{}:{}".format(*self.client_address[:2]),
            "application_pid": os.getpid(),
            "fields": [[name, value] for name, value in self.headers.items()],
            "body": self.rfile.read(int(length)).decode("utf-8", "replace"),
        }
        body = json.dumps(seen, indent=2, ensure_ascii=False).encode() + b"\n"
        self.answer(body, "application/json")

    def events(self) -> None:
        """Count the seconds, until the client leaves (server-sent events)."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Accel-Buffering", "no")
        self.end_headers()
        self.close_connection = True
        if self.command == "HEAD":
            return
        tick = threading.Event()
        for number in itertools.count(1):
            self.wfile.write(b"id: %d\ndata: %d\n\n" % (number, number))
            tick.wait(EVERY)

    def websocket(self) -> None:
        """Send each message back (RFC 6455)."""
        key = self.headers.get("Sec-WebSocket-Key")
        if self.headers.get("Upgrade", "").lower() != "websocket" or key is None:
            self.answer(b"This address speaks WebSocket.\n", "text/plain", 426)
            return
        digest = hashlib.sha1((key + ACCEPT_SUFFIX).encode(), usedforsecurity=False).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
        self.end_headers()
        self.close_connection = True
        while self.frame():
            pass

    def frame(self) -> bool:
        """Read one frame and answer it; tell whether more may follow."""
        first, second = self.octets(2)
        length = second & 0x7F
        if length == 127 or not second & 0x80:
            return False  # more than MOST; or not masked, as a client must (RFC 6455 §5.1)
        if length == 126:
            (length,) = struct.unpack("!H", self.octets(2))
        mask = self.octets(4)
        data = bytes(octet ^ mask[i % 4] for i, octet in enumerate(self.octets(length)))
        kind = first & 0x0F
        if kind != PONG:
            self.send_frame(first & 0xF0 | (PONG if kind == PING else kind), data)
        return kind != CLOSE

    def send_frame(self, first: int, data: bytes) -> None:
        """Write one frame, unmasked."""
        if len(data) < 126:
            head = struct.pack("!BB", first, len(data))
        else:
            head = struct.pack("!BBH", first, 126, len(data))
        self.wfile.write(head + data)

    def octets(self, count: int) -> bytes:
        """Read exactly so many; the end of the stream is a client that left."""
        data = self.rfile.read(count)
        if len(data) < count:
            raise ConnectionAbortedError
        return data

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the log of this demonstration is the proxy's."""


class Server(ThreadingHTTPServer):
    """Serves on a socket that is listening already."""

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener.getsockname()[:2], Application, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that left in the middle; a mistake of ours is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main(descriptor: str, configuration: str) -> None:
    """Serve until the standard input ends: the parent is gone, whatever became of it."""
    Application.page = Path(__file__).with_name("demo.html").read_bytes()
    Application.configuration = configuration.encode()
    server = Server(socket.socket(fileno=int(descriptor)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
