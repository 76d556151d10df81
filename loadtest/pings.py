"""How long tiny answers take, one at a time: `python -m loadtest.pings PORT PATH SECONDS COUNT`.

COUNT connections take turns, so that each worker has some; a stall of a worker is the time that an
answer of it takes more. Prints one JSON list of [moment, seconds], monotonic, one for each answer.
"""

import json
import math
import socket
import sys
import time
from collections.abc import Sequence

from loadtest.address import LOOPBACK

_PAUSE = 0.001  # seconds between two
_LATE = 30.0


def command(port: int, path: str, seconds: float, count: int) -> list[str]:
    """Return the words that run it."""
    return [sys.executable, "-m", "loadtest.pings", str(port), path, str(seconds), str(count)]


def ping(port: int, path: str, seconds: float, count: int) -> list[tuple[float, float]]:
    """Ask for some seconds; return when each answer came, and what it took."""
    request = f"GET {path} HTTP/1.1\r\nHost: ping\r\n\r\n".encode()
    clients = [socket.create_connection((LOOPBACK, port), _LATE) for _ in range(count)]
    taken = []
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        for client in clients:
            begun = time.monotonic()
            client.sendall(request)
            if not client.recv(65536).startswith(b"HTTP/1.1 200"):
                raise OSError("a ping was not answered with 200")
            now = time.monotonic()
            taken.append((now, now - begun))
            time.sleep(_PAUSE)
    for client in clients:
        client.close()
    return taken


def parse(text: str) -> list[tuple[float, float]]:
    """Parse what the program printed."""
    return [(float(at), float(took)) for at, took in json.loads(text.splitlines()[-1])]


def part(taken: Sequence[float], share: float) -> float:
    """Return what so large a share took at the most."""
    ordered = sorted(taken)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


if __name__ == "__main__":
    print(json.dumps(ping(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))))
