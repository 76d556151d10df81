"""The requests under way in this worker, for an administrator who wants to see or end them.

Nobody keeps a list of them: it would cost every request, for what is hardly ever asked.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from urllib.parse import quote

from forkproxy import clock
from forkproxy.core.exchange import Exchange

MOST = 200  # of a worker that are listed: a message has its limit
NUMBERS = 0xFFFFFFFF  # of connections; above them is the process
LONGEST_PATH = 100  # octets that are shown of one


def listed() -> str:
    """Return a line for each, as HAProxy's `show sess` has them, the oldest first."""
    found = sorted(_under_way(), key=lambda exchange: exchange.started)
    lines = [_line(exchange) for exchange in found[:MOST]]
    if len(found) > MOST:
        lines.append(f"# and {len(found) - MOST} more of process {os.getpid()}")
    return "\n".join(lines)


def end(number: int) -> bool:
    """Close the client's connection with that number; return whether there was one."""
    for exchange in _under_way():
        if exchange.client.number & NUMBERS == number:
            exchange.client.stream.close()
            return True
    return False


def _under_way() -> Iterator[Exchange]:
    for found in gc.get_objects():
        if (
            type(found) is Exchange
            and found.parent is None
            and not found.background
            and found.client.stream.fileno() >= 0
        ):
            yield found


def _line(exchange: Exchange) -> str:
    client = exchange.client
    protocol, source = "unix", "unix:1"
    if client.address != b"unix:":
        protocol = "tcpv6" if b":" in client.address else "tcpv4"
        source = f"{_text(client.address)}:{client.port}"
    attempts = [one for one in exchange.attempts or () if one is not None]
    peer = _text(attempts[-1].address) if attempts else "<none>"
    return (
        f"{session_id(os.getpid(), client.number)}: proto={protocol} src={source} fe=http"
        f" be={_text(exchange.proxy_host or b'<none>')} srv={peer} ts=00 epoch=0"
        f" age={clock.monotonic() - exchange.started:.0f}s calls={client.requests} rate=0 cpu=0"
        f" lat=0 rq={_text(exchange.method)} uri={_text(exchange.uri[:LONGEST_PATH])}"
    )


def session_id(pid: int, number: int) -> str:
    """Return what `shutdown session` calls a connection of a process."""
    return f"0x{pid << 32 | number & NUMBERS:012x}"


def _text(octets: bytes) -> str:
    """Return octets as one word: what could end it, or the line, is percent-encoded."""
    return quote(octets, safe="/:[]<>@!$&'()*+,;=")
