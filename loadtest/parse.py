"""What reading a head costs: `python -m loadtest.parse [--rounds N]`.

One line a message: microseconds in forkproxy's parser and in httptools' (llhttp), each called from
Python, and the ratio. forkproxy's own compiled callers save the call, which is the last line.
httptools makes an object of each name and value; forkproxy leaves them where they are until
somebody asks, so a message whose fields are all asked for has a line of its own.
"""

import argparse
import sys
import timeit
from collections.abc import Callable, Sequence
from statistics import median

import httptools

from forkproxy.wire.head import parse_request_head, parse_response_head
from loadtest.options import positive
from loadtest.table import NOTHING, aligned

BATCH = 20_000  # calls timed at once

SMALL = b"GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n"
BROWSER = (
    b"GET /articles/2026/11/reverse-proxies?page=2&order=newest HTTP/1.1\r\n"
    b"Host: www.example.com\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n"
    b"Accept: text/html,application/xhtml+xml\r\n"
    b"Accept-Language: en,de;q=0.7\r\n"
    b"Accept-Encoding: gzip, br\r\n"
    b"Cookie: session=4f1d2a90c3; theme=dark\r\n"
    b"Upgrade-Insecure-Requests: 1\r\n"
    b"Connection: keep-alive\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 200 OK\r\n"
    b"Server: origin\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 GMT\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n"
    b"Content-Length: 1024\r\n"
    b"Last-Modified: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
    b'ETag: "65f0-1f4"\r\n'
    b"Accept-Ranges: bytes\r\n\r\n"
)


class Collected:
    """What httptools calls: keeps the target and the fields."""

    def __init__(self) -> None:
        self.target = b""
        self.fields: list[tuple[bytes, bytes]] = []

    def on_url(self, piece: bytes) -> None:
        self.target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name, value))


def request_by_httptools(octets: bytes) -> None:
    httptools.HttpRequestParser(Collected()).feed_data(octets)


def response_by_httptools(octets: bytes) -> None:
    httptools.HttpResponseParser(Collected()).feed_data(octets)


def request_with_fields(octets: bytes) -> None:
    parse_request_head(octets).fields.items()


def nothing(octets: bytes) -> None:
    """Stands for the call alone."""


Reader = Callable[[bytes], object]
LINES: tuple[tuple[str, bytes, Reader, Reader | None], ...] = (
    ("small request", SMALL, parse_request_head, request_by_httptools),
    ("browser's request", BROWSER, parse_request_head, request_by_httptools),
    ("  all fields asked for", BROWSER, request_with_fields, request_by_httptools),
    ("response", RESPONSE, parse_response_head, response_by_httptools),
    ("a call of nothing", b"", nothing, None),
)


def cost(read: Reader, octets: bytes, batch: int = BATCH) -> float:
    """Return the microseconds of one call."""
    return timeit.timeit(lambda: read(octets), number=batch) / batch * 1e6


def costs(rounds: int, batch: int = BATCH) -> list[list[str]]:
    """Return the rows of the table: medians over rounds, the two parsers taking turns."""
    rows = [["", "octets", "forkproxy µs", "httptools µs", "ratio"]]
    for name, octets, ours, theirs in LINES:
        pairs = [
            (cost(ours, octets, batch), cost(theirs, octets, batch) if theirs else 0.0)
            for _ in range(rounds)
        ]
        mine = median(pair[0] for pair in pairs)
        other = median(pair[1] for pair in pairs)
        cells = [f"{other:.2f}", f"{mine / other:.2f}"] if theirs else [NOTHING, NOTHING]
        rows.append([name, str(len(octets)), f"{mine:.2f}", *cells])
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtest.parse", description=__doc__)
    parser.add_argument("--rounds", type=positive, default=9, help="runs of each (default: 9)")
    print(aligned(costs(parser.parse_args(arguments).rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
