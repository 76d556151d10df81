"""Whether a cache stays within max_size under load: `python -m loadtest.cache_limit`.

Workers store answers of 64 KiB without pause in a zone that holds a few hundred of them, so that
what is stored in each second has to be evicted in it. The master is asked ten times a second how
much there is. What counts is how long there was too much.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from forkproxy.cli import control
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child
from loadtest.drive import Load
from loadtest.options import positive
from loadtest.origin import ROOT
from loadtest.stage import Stage, stage

MOST = 64 * 1024 * 1024  # octets that the zone may have
LONGEST = 1.0  # seconds for which it may have more
CONNECTIONS = 32
_LATE = 30.0
_BETWEEN = 0.1


def configuration(folder: Path, port: int, origin: int) -> str:
    """Return the nginx.conf."""
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
{user} worker_processes 2;
pid {folder}/pid; error_log {folder}/error.log warn;
control_socket unix:{folder}/control.sock;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    proxy_cache_path {folder}/cache keys_zone=kept:16m max_size={MOST} inactive=1h;
    server {{
        listen {LOOPBACK}:{port} backlog=1024;
        location / {{
            proxy_pass http://{LOOPBACK}:{origin};
            proxy_cache kept;
            proxy_cache_valid 200 1h;
        }}
    }}
}}
"""


def longest_over(sizes: Sequence[tuple[float, int]], most: int) -> float:
    """Return for how many seconds on end the sizes, each with its moment, were above `most`."""
    longest, since = 0.0, None
    for at, size in sizes:
        if size <= most:
            since = None
            continue
        since = at if since is None else since
        longest = max(longest, at - since)
    return longest


def watched(socket: Path, seconds: float) -> list[tuple[float, int]]:
    """Ask for some seconds how much there is."""
    sizes = []
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        found = control.ask(str(socket), "GET", "cache-stat", "-").data["kept"]
        sizes.append((time.monotonic(), int(found["size"])))
        time.sleep(_BETWEEN)
    return sizes


def _answers(socket: Path) -> bool:
    """Wait until there is an answer about the zone; tell whether there is."""
    ends_at = time.monotonic() + _LATE
    while time.monotonic() < ends_at:
        with contextlib.suppress(control.ControlError):
            # The keeper knows the zone, and begins after the workers.
            if "kept" in control.ask(str(socket), "GET", "cache-stat", "-").data:
                return True
        time.sleep(_BETWEEN)
    return False


def measure(there: Stage, seconds: float) -> tuple[int, list[tuple[float, int]]]:
    """Store without pause; return how many entries were stored, and what sizes there were."""
    (port,) = free_ports(1)
    (there.folder / "logs").mkdir()
    conf = there.folder / "nginx.conf"
    conf.write_text(configuration(there.folder, port, there.origin.files))
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(conf), "-p", str(there.folder)]
    output = there.folder / "output"
    with Child(words, there.cores.proxy, output, folder=ROOT) as server:
        # The port is open first, and the master listens to orders when all workers are there.
        if not wait_open([port], server.alive) or not _answers(there.folder / "control.sock"):
            raise OSError(f"it does not start: {server.said()}")
        load = Load(f"http://{LOOPBACK}:{port}/65536", CONNECTIONS, among=-1)
        with Child(load.command(seconds), there.cores.load, there.folder / "wrk") as client:
            sizes = watched(there.folder / "control.sock", seconds)
            client.wait(_LATE)
        socket = str(there.folder / "control.sock")
        return int(control.ask(socket, "GET", "cache-stat", "-").data["kept"]["stored"]), sizes


def main() -> int:
    """Print what was seen; return 1 where there was too much for too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=positive, default=15, help="of load")
    options = parser.parse_args()
    with stage(log=False, keep=False) as there:
        stored, sizes = measure(there, options.seconds)
    longest = longest_over(sizes, MOST)
    print(f"stored     {stored:,}, {stored * 65536 / MOST:.1f} times what may be there")
    print(f"largest    {max(size for _, size in sizes) / MOST:.2f} times what may be there")
    print(f"over it    for {longest:.2f} s on end, seen {len(sizes)} times")
    return int(longest > LONGEST)


if __name__ == "__main__":
    sys.exit(main())
