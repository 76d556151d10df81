"""Does the binding of libnghttp2 give back what it takes? `python -m loadtest.leaks`.

A thousand sessions, and then N (10,000), live and end under valgrind: with requests, content both
ways, streams that are reset, heads that are refused, and connections that just end. What is lost,
or still held at the end, must not be more for more of them. Exits with 1 where it is.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence

import h2.config
import h2.connection

from forkproxy.wire.h2 import Session
from forkproxy.wire.head_limits import HeadLimits
from loadtest.options import positive

LEAST = 1000  # sessions of the run that the other is compared with
_TOLERANCE = 16384  # octets: dictionaries and free lists are of the size they were once needed
_HEAD = [(":method", "POST"), (":scheme", "https"), (":path", "/a?b"), (":authority", "a")]
_SUMMARY = re.compile(
    r"(definitely lost|indirectly lost|possibly lost|still reachable): ([\d,]+) bytes"
)


def said() -> list[bytes]:
    """Return what some clients say, each on a connection of its own."""
    return [_whole(), _reset(), _refused(), _whole()[:-20], b"GET / HTTP/1.1\r\n\r\n", b"PRI *"]


def _client() -> h2.connection.H2Connection:
    config = h2.config.H2Configuration(validate_outbound_headers=False)
    client = h2.connection.H2Connection(config)
    client.initiate_connection()
    return client


def _whole() -> bytes:
    client = _client()
    for stream in (1, 3):
        client.send_headers(stream, _HEAD)
        client.send_data(stream, b"x" * 1000)
        client.send_headers(stream, [("x-sum", "1")], end_stream=True)
    return client.data_to_send()


def _reset() -> bytes:
    client = _client()
    client.send_headers(1, _HEAD)
    client.send_data(1, b"x" * 1000)
    client.reset_stream(1, 8)
    client.send_headers(3, _HEAD)
    client.close_connection()
    return client.data_to_send()


def _refused() -> bytes:
    client = _client()
    client.send_headers(1, [*_HEAD, ("connection", "close")], end_stream=True)
    client.send_headers(3, [*_HEAD, ("x-long", "y" * 9000)], end_stream=True)
    return client.data_to_send()


def live(octets: bytes) -> None:
    """Let one session live and end."""
    session = Session(HeadLimits())
    for stream in session.receive(octets):
        if stream.head is not None or stream.status:
            session.read(stream)
            session.respond(stream, [(b":status", b"200")], b"x" * 100_000)
            if not stream.closed:
                session.close(stream, 8)
    session.to_send()


def held(sessions: int) -> dict[str, int]:
    """Return the octets that valgrind finds lost, and still held, after so many sessions."""
    words = ["-m", "loadtest.leaks", "--live", str(sessions)]
    done = subprocess.run(
        ["valgrind", "--leak-check=full", sys.executable, *words],
        env={**os.environ, "PYTHONMALLOC": "malloc"},
        capture_output=True,
        text=True,
        check=True,
    )
    return summary(done.stderr)


def summary(report: str) -> dict[str, int]:
    """Return the octets of valgrind's summary by what it says of them."""
    return {name: int(count.replace(",", "")) for name, count in _SUMMARY.findall(report)}


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtest.leaks", description=__doc__)
    parser.add_argument("--sessions", type=positive, default=10_000, help="how many (10,000)")
    parser.add_argument("--live", type=positive, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.live:
        clients = said()
        for number in range(given.live):
            live(clients[number % len(clients)])
        return 0
    few, many = held(LEAST), held(given.sessions)
    for name, count in many.items():
        print(f"{name:17} {count:10,} octets, {count - few[name]:+,} by {given.sessions - LEAST:,}")
    return int(any(count > few[name] + _TOLERANCE for name, count in many.items()))


if __name__ == "__main__":
    sys.exit(main())
