"""A GiB each way through HTTP/2: `python -m loadtest.large_http2 [--octets N] [--clients …]`.

curl, nghttp and Python's h2 send and fetch it over TLS, by way of a location with nginx's defaults
and of one that buffers nothing; the upstream speaks HTTP/1.1. Says whether the sums are equal, how
fast it went, and by how much the worker grew at its peak. Exits with 1 where a sum is another or
the worker grew by more than 16 MiB.
"""

import argparse
import contextlib
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import h2.config
import h2.connection
import h2.events

from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.http2_client import connect
from loadtest.options import positive
from loadtest.origin import ROOT
from loadtest.proxies import busiest_child
from loadtest.site import make_certificate
from loadtest.summing_origin import PIECE, SummingOrigin, content, sum_of

ALLOWED = 16 << 20  # octets a worker may grow by
_PATIENCE = 600.0  # seconds of one transfer


def configuration(port: int, origin: int) -> str:
    """Return the text of nginx.conf."""
    # As root, workers would be nobody, who may not come into our folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    return f"""\
{user}worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_max_body_size 0;
    server {{
        listen {LOOPBACK}:{port} ssl;
        http2 on;
        ssl_certificate tls.crt;
        ssl_certificate_key tls.key;
        location = /ready {{ return 204; }}
        location /buffered/ {{ proxy_pass http://{LOOPBACK}:{origin}/; }}
        location /streamed/ {{
            proxy_pass http://{LOOPBACK}:{origin}/;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
        }}
    }}
}}
"""


# Clients: each returns the sum of what it fetched, or what the origin said it was sent.


def curl(port: int, path: str, octets: int, *, upload: bool) -> str:
    """Let curl do it."""
    words = ["curl", "-sk", "--http2", f"https://{LOOPBACK}:{port}{path}"]
    return _piped([*words, "-T", "-"] if upload else words, octets, upload=upload)


def nghttp(port: int, path: str, octets: int, *, upload: bool) -> str:
    """Let nghttp do it."""
    words = ["nghttp", "-y", "-w", "20", "-W", "20", f"https://{LOOPBACK}:{port}{path}"]
    return _piped([*words, "-d", "-"] if upload else words, octets, upload=upload)


def _piped(words: list[str], octets: int, *, upload: bool) -> str:
    feed = subprocess.PIPE if upload else subprocess.DEVNULL
    with subprocess.Popen(words, stdin=feed, stdout=subprocess.PIPE) as program:
        assert program.stdout
        if program.stdin:
            for piece in content(octets):
                program.stdin.write(piece)
            program.stdin.close()
            return program.stdout.read().decode()
        return sum_of(iter(functools.partial(program.stdout.read, PIECE), b""))


def library(port: int, path: str, octets: int, *, upload: bool) -> str:
    """Let Python's h2 do it."""
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding=None))
    client.initiate_connection()
    client.increment_flow_control_window(1 << 24)
    head = [(":method", "PUT" if upload else "GET"), (":scheme", "https"), (":path", path)]
    client.send_headers(1, [*head, (":authority", "localhost")], end_stream=not upload)
    with contextlib.closing(connect(port)) as sock:
        parts = _parts(content(octets)) if upload else iter(())
        received = _conversation(sock, client, parts)
        return next(received).decode() if upload else sum_of(received)


def _parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), 16384):
            yield piece[at : at + 16384]


def _conversation(
    sock: socket.socket, client: h2.connection.H2Connection, parts: Iterator[bytes]
) -> Iterator[bytes]:
    """Send all parts on stream 1, as windows allow; yield what content comes."""
    part = next(parts, None)
    while True:
        while part is not None and client.local_flow_control_window(1) >= len(part):
            client.send_data(1, part)
            part = next(parts, None)
            if part is None:
                client.end_stream(1)
        sock.sendall(client.data_to_send())
        for event in client.receive_data(sock.recv(1 << 18) or _ended()):
            if isinstance(event, h2.events.DataReceived):
                client.acknowledge_received_data(event.flow_controlled_length, 1)
                yield event.data
            elif isinstance(event, h2.events.StreamEnded):
                return


def _ended() -> bytes:
    raise EOFError("the connection has ended")


CLIENTS: dict[str, Callable[..., str]] = {"curl": curl, "nghttp": nghttp, "h2": library}


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one transfer."""

    what: str
    whole: bool
    seconds: float
    octets: int
    grown: int  # octets, the worker's peak over what it had before

    def line(self) -> str:
        rate = self.octets / self.seconds / 2**20
        grown = self.grown / 2**20
        return f"{self.what:26} {'equal' if self.whole else 'OTHER':5} {rate:7.0f} {grown:8.1f}"


def peak(pid: int, *, reset: bool = False) -> int:
    """Return the most octets a process ever had resident; `reset`: from here on."""
    if reset:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def transfers(port: int, master: int, octets: int, clients: Sequence[str]) -> Iterator[Row]:
    """Make all transfers, one after another."""
    expected = sum_of(content(octets))
    for name in clients:
        CLIENTS[name](port, "/ready", 0, upload=False)
        for path in ("buffered", "streamed"):
            for upload in (False, True):
                worker = busiest_child(master)
                assert worker
                before = peak(worker.pid, reset=True)
                begun = time.perf_counter()
                found = CLIENTS[name](port, f"/{path}/{octets}", octets, upload=upload)
                spent = time.perf_counter() - begun
                what = f"{name} {'sends' if upload else 'fetches'}, {path}"
                grown = peak(worker.pid) - before
                yield Row(what, found == expected, spent, octets, grown)


def main(words: Sequence[str] | None = None) -> int:
    """Print the table; return 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m loadtest.large_http2", description=__doc__)
    parser.add_argument("--octets", type=positive, default=1 << 30, help="of a transfer (1 GiB)")
    parser.add_argument("--clients", default=",".join(CLIENTS), help="which (curl,nghttp,h2)")
    given = parser.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="large-"))
    (port,) = free_ports(1)
    good = True
    try:
        make_certificate(folder)
        (folder / "logs").mkdir()
        with SummingOrigin() as origin:
            (folder / "nginx.conf").write_text(configuration(port, origin.port))
            start = [sys.executable, "-m", "forkproxy", "start", "-p", str(folder)]
            start += ["-c", str(folder / "nginx.conf")]
            core = Cores.available().proxy
            with Child(start, core, folder / "output", folder=ROOT) as child:
                if not wait_open([port], child.alive):
                    raise OSError(f"it does not start: {child.said()}")
                print(f"{'':26} {'sums':5} {'MiB/s':>7} {'grown':>8}")
                for row in transfers(port, child.pid, given.octets, given.clients.split(",")):
                    print(row.line(), flush=True)
                    good = good and row.whole and row.grown <= ALLOWED
    finally:
        shutil.rmtree(folder)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
