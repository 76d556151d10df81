"""What an HTTP/2 connection costs that nobody uses: octets of the proxy, for each of 1,000.

As `idle_connections`, by TLS: PSS after less PSS before, each connection used once.
"""

import contextlib

from loadtest import proc
from loadtest.http2_client import OK, Client, connect
from loadtest.multiplexed import HTTP2
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, mebibytes, whole

_IDLE = 1000
_WARM = 100


def measure(proxy: Running, _: Terms) -> Sample:
    """Open the connections, and compare."""
    with contextlib.ExitStack() as warm:
        _open(proxy.port, _WARM, warm)
    before = proc.settled(proxy.pid)
    with contextlib.ExitStack() as idle:
        lost = _IDLE - len(_open(proxy.port, _IDLE, idle))
        after = proc.settled(proxy.pid)
    values: dict[str, float | None] = {
        "each": (after.pss - before.pss) / (_IDLE - lost) if lost < _IDLE else None,
        "before": before.pss,
        "after": after.pss,
        "rss": after.rss,
    }
    return Sample(values, {"lost": lost} if lost else {})


def _open(port: int, count: int, stack: contextlib.ExitStack) -> list[Client]:
    """Return those of so many connections that got the answer to one request."""
    opened = []
    for _ in range(count):
        with contextlib.suppress(OSError, EOFError):
            client = Client(connect(port))
            stack.callback(client.close)
            client.ask(1)
            while not (ended := client.outcomes()):
                pass
            if ended == [OK]:
                opened.append(client)
    return opened


SCENARIO = Scenario(
    summary="1,000 idle HTTP/2 connections: octets of memory each",
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
    task=HTTP2,
)
