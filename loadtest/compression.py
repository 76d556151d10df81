"""The scenarios in which HTML is compressed: a page for each client anew, and streams that stay."""

import contextlib
import socket

from loadtest.address import LOOPBACK
from loadtest.drive import Load
from loadtest.idle import idle
from loadtest.origin import PAGE
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, mebibytes, one_decimal, whole
from loadtest.site import Task
from loadtest.throughput import COST, wrk_sample

# What clients call each coding.
NAMES = {"gzip": "gzip", "brotli": "br", "zstd": "zstd"}

_COLUMNS = (
    Column("rate", "requests/s", whole),
    Column(COST, "CPU µs/req", one_decimal),
    Column("speed", "MB/s a core", whole),
    Column("ratio", "times smaller", lambda value: f"{value:.2f}"),
    Column("pss", "PSS MiB", mebibytes),
)


def compression(coding: str) -> Scenario:
    """Return the scenario of one coding, at each proxy's default level."""

    def measure(proxy: Running, terms: Terms) -> Sample:
        fields = (f"Accept-Encoding: {NAMES[coding]}",)
        load = Load(proxy.url("/page.html"), terms.connections, fields)
        sample = wrk_sample(proxy, terms, load)
        cost, octets = sample.values[COST], sample.values["octets"]
        values = {
            **sample.values,
            "speed": PAGE / cost if cost else None,  # octets a microsecond are MB a second
            "ratio": PAGE / octets if octets else None,  # octets: with the head
        }
        return Sample(values, sample.failures)

    summary = f"GET of 100 KiB of HTML, compressed by {coding} at the default level"
    return Scenario(summary, measure, _COLUMNS, cost=COST, task=Task(coding=coding))


_STREAMS = 100
_LATE = 10.0  # seconds without an octet


def streams(coding: str) -> Scenario:
    """Return the scenario of answers of which a first piece has come, and that stay open."""
    request = (
        f"GET /upload/stream HTTP/1.1\r\nHost: streams\r\nAccept-Encoding: {NAMES[coding]}\r\n\r\n"
    ).encode()

    def use(port: int, stack: contextlib.ExitStack) -> socket.socket | None:
        connection = socket.create_connection((LOOPBACK, port), timeout=_LATE)
        stack.enter_context(connection)
        connection.sendall(request)
        return connection if _compressed(connection) else None

    summary = f"{_STREAMS} open answers in {coding}: memory each"
    each = Column("each", "KiB each", lambda value: one_decimal(value / 1024))
    return idle(summary, _STREAMS, use, each=each, task=Task(coding=coding))


def _compressed(connection: socket.socket) -> bool:
    """Read a head and some content behind it."""
    data = b""
    with contextlib.suppress(OSError):
        while not data.partition(b"\r\n\r\n")[2]:
            piece = connection.recv(65536)
            if not piece:
                return False
            data += piece
    return b"content-encoding" in data.lower()
