"""What a keep-alive connection costs that nobody uses: octets of the proxy, for each of 3,000.

Measured as PSS after less PSS before, of all its processes. Before, a hundred connections have
come and gone, so that what the first requests load or allocate for good is not in it. Each of the
3,000 has been used once: a connection that never sent anything has other buffers.
"""

import contextlib
import socket

from loadtest import proc
from loadtest.address import LOOPBACK
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, mebibytes, whole

_IDLE = 3000
_WARM = 100
_REQUEST = b"GET /1024 HTTP/1.1\r\nHost: idle\r\n\r\n"
_ANSWER = 1024  # octets at the least, with the head
_LATE = 10.0  # seconds without an octet


def measure(proxy: Running, _: Terms) -> Sample:
    """Open the connections, and compare."""
    with contextlib.ExitStack() as warm:
        _open(proxy.port, _WARM, warm)
    before = proc.settled(proxy.pid)
    with contextlib.ExitStack() as idle:
        connections, lost = _open(proxy.port, _IDLE, idle)
        after = proc.settled(proxy.pid)
        # A proxy that had closed them would look frugal.
        lost += sum(_closed(connection) for connection in connections)
    each = (after.pss - before.pss) / (_IDLE - lost) if lost < _IDLE else None
    values: dict[str, float | None] = {
        "each": each,
        "before": before.pss,
        "after": after.pss,
        "rss": after.rss,
    }
    return Sample(values, {"lost": lost} if lost else {})


def _open(port: int, count: int, stack: contextlib.ExitStack) -> tuple[list[socket.socket], int]:
    """Return connections each used once, and how many more there should have been."""
    opened = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            connection = socket.create_connection((LOOPBACK, port), timeout=_LATE)
            stack.enter_context(connection)
            connection.sendall(_REQUEST)
            if _answered(connection):
                opened.append(connection)
    return opened, count - len(opened)


def _answered(connection: socket.socket) -> bool:
    data = b""
    while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < _ANSWER:
        piece = connection.recv(65536)
        if not piece:
            return False
        data += piece
    return data.startswith(b"HTTP/1.1 200 ")


def _closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return not connection.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True


SCENARIO = Scenario(
    summary="3,000 idle keep-alive connections: octets of memory each",
    measure=measure,
    columns=(
        Column("each", "octets each", whole),
        Column("before", "PSS before MiB", mebibytes),
        Column("after", "PSS after MiB", mebibytes),
        Column("rss", "RSS after MiB", mebibytes),
    ),
    cost="each",
    rounds=3,
    seconds=0,
    fresh=True,
)
