"""Open WebSockets that must last: `python -m loadtest.tunnels PORT SECONDS COUNT`.

Each sends a message ten times a second and waits for its echo. One that ends, stalls or answers
anything else is dropped, and not opened again. Prints one JSON line: {"echoes": .., "dropped": ..}.
"""

import json
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

from loadtest import websocket
from loadtest.address import LOOPBACK

_EVERY = 0.1  # seconds between messages
_LATE = 10.0  # seconds an echo may take


@dataclass(frozen=True, slots=True)
class Report:
    """What the program says at its end."""

    echoes: int
    dropped: int


def command(port: int, seconds: float, count: int) -> list[str]:
    """Return the words that run this as a program."""
    return [sys.executable, "-m", __spec__.name, str(port), str(seconds), str(count)]


def parse(text: str) -> Report:
    """Parse what it printed. Raises ValueError where that is no report."""
    try:
        return Report(**json.loads(text.splitlines()[-1]))
    except (IndexError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"the tunnels failed: {text.strip()}") from error


@dataclass(slots=True)
class Tally:
    """What became of the tunnels so far, of all threads."""

    until: float
    echoes: int = 0
    dropped: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *, echoes: int, dropped: bool) -> None:
        with self.lock:
            self.echoes += echoes
            self.dropped += dropped


def tunnel(port: int, tally: Tally) -> None:
    """Keep one WebSocket busy until time is up or it is dropped."""
    echoes = 0
    dropped = False
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_LATE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _handshake(connection)
            while time.monotonic() < tally.until:
                _echo(connection, str(echoes).encode())
                echoes += 1
                time.sleep(_EVERY)
            connection.sendall(websocket.client_frame(websocket.CLOSE, b""))
    except (OSError, EOFError, ValueError):
        dropped = True
    tally.add(echoes=echoes, dropped=dropped)


def _handshake(connection: socket.socket) -> None:
    key = websocket.key()
    connection.sendall(
        b"GET /echo HTTP/1.1\r\nHost: tunnels\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    # Octet by octet: what follows the head would be a frame, and none is due yet.
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _exactly(connection, 1)
    if not head.startswith(b"HTTP/1.1 101 ") or websocket.accept(key) not in head:
        raise ValueError("no WebSocket")


def _echo(connection: socket.socket, message: bytes) -> None:
    connection.sendall(websocket.client_frame(websocket.TEXT, message))
    answer = websocket.read_frame(lambda count: _exactly(connection, count))
    if answer != (websocket.TEXT, message):
        raise ValueError("another message came back")


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def run(port: int, seconds: float, count: int) -> Tally:
    """Keep so many WebSockets open for so long; return what became of them."""
    tally = Tally(until=time.monotonic() + seconds)
    threads = [threading.Thread(target=tunnel, args=(port, tally)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


if __name__ == "__main__":
    done = run(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps(asdict(Report(done.echoes, done.dropped))))
