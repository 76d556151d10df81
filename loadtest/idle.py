"""The scenarios of connections that nobody uses: octets of the proxy for each.

Measured as PSS after less PSS before, of all its processes. Before, some connections have come and
gone, so that what the first requests load or allocate for good is not in it. Each has been used
once: a connection that never sent anything has other buffers.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable

from loadtest import proc
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, mebibytes, whole
from loadtest.site import FORWARDED, Task

_WARM = 100  # connections at the most

Use = Callable[[int, contextlib.ExitStack], socket.socket | None]
"""Open a connection to a port, closed with the stack, and use it once; None where that fails."""

EACH = Column("each", "octets each", whole)


def idle(
    summary: str, count: int, use: Use, *, each: Column = EACH, task: Task = FORWARDED
) -> Scenario:
    """Return the scenario of so many connections."""

    def measure(proxy: Running, _: Terms) -> Sample:
        with contextlib.ExitStack() as warm:
            _used(proxy.port, min(_WARM, count // 10), use, warm)
        before = proc.settled(proxy.pid)
        with contextlib.ExitStack() as stack:
            connections = _used(proxy.port, count, use, stack)
            after = proc.settled(proxy.pid)
            # A proxy that had closed them would look frugal.
            left = sum(still_open(connection) for connection in connections)
        values: dict[str, float | None] = {
            "each": (after.pss - before.pss) / left if left else None,
            "before": before.pss,
            "after": after.pss,
            "rss": after.rss,
        }
        return Sample(values, {"lost": count - left} if left < count else {})

    columns = (
        each,
        Column("before", "PSS before MiB", mebibytes),
        Column("after", "PSS after MiB", mebibytes),
        Column("rss", "RSS after MiB", mebibytes),
    )
    return Scenario(
        summary, measure, columns, cost="each", rounds=3, seconds=0, fresh=True, task=task
    )


def _used(port: int, count: int, use: Use, stack: contextlib.ExitStack) -> list[socket.socket]:
    """Return those of so many connections that could be used."""
    opened = []
    for _ in range(count):
        with contextlib.suppress(OSError, EOFError):
            connection = use(port, stack)
            if connection is not None:
                opened.append(connection)
    return opened


def still_open(connection: socket.socket) -> bool:
    """Tell whether the other side has not closed a connection."""
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
