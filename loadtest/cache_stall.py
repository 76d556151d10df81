"""Whether storing holds up who serves: `python -m loadtest.cache_stall`.

Eight workers store answers of 64 KiB without pause, and meanwhile give tiny ones on other
connections, one at a time. The same is done with answers that are forwarded and not stored, for
eight workers on a core wait for each other whatever they do: what a tiny one takes longer where the
large ones are stored is what storing holds up.

What holds up a loop is also seen in it: how long its turns are, those of all workers together, and
how long they would be if their thread had a processor whenever it could run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forkproxy.cli import control
from loadtest import pings
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child
from loadtest.drive import Load, drive
from loadtest.options import positive
from loadtest.origin import ROOT
from loadtest.stage import Stage, stage

WORKERS = 8
CONNECTIONS = 4 * WORKERS  # of the load, and of the pings
MOST = 0.005  # seconds that storing may hold up
STORED = "proxy_cache kept; proxy_cache_valid 200 1h;"
SHARES = (0.5, 0.99, 0.999, 1.0)

Turns = Counter[int]  # how many took less than so many microseconds, and not much less


def configuration(folder: Path, port: int, origin: int, location: str) -> str:
    """Return the nginx.conf."""
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
{user} worker_processes {WORKERS};
pid {folder}/pid; error_log {folder}/error.log warn;
control_socket unix:{folder}/control.sock;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    proxy_cache_path {folder}/cache keys_zone=kept:16m max_size=1g inactive=1h;
    upstream files {{ server {LOOPBACK}:{origin}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen {LOOPBACK}:{port} backlog=1024;
        location / {{
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://files;
            {location}
        }}
        location = /tiny {{ return 200 x; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one of the two did."""

    name: str
    rate: float  # answers of 64 KiB a second
    taken: list[float]  # seconds of each tiny one
    turns: Turns
    awake: Turns  # without what their threads waited for a processor

    def part(self, share: float) -> float:
        """Return what so large a share of the tiny ones took at the most."""
        return pings.part(self.taken, share)

    def lines(self) -> list[str]:
        """Return one for the tiny answers, and two for the turns."""
        rows = [
            f"{self.name:9} {self.rate:9,.0f}  tiny answers  {len(self.taken):9,}"
            + "".join(f" {self.part(share) * 1e3:8.2f}" for share in SHARES)
        ]
        for name, turns in (("turns", self.turns), ("but for CPU", self.awake)):
            parts = "".join(f" {part(turns, share) / 1e3:8.2f}" for share in SHARES)
            rows.append(f"{'':21}{name:12}  {sum(turns.values()):9,}{parts}")
        return rows


def part(turns: Turns, share: float) -> int:
    """Return how many microseconds so large a share of turns takes less than."""
    left = share * sum(turns.values())
    for below, count in sorted(turns.items()):
        left -= count
        if left <= 1e-6:
            return below
    return 0


def counted(workers: Iterable[dict[str, Any]]) -> tuple[Turns, Turns]:
    """Return the turns of all workers, and those without what they waited for a processor."""
    whole, awake = Counter[int](), Counter[int]()
    for worker in workers:
        for below, count in worker["less_than"].items():
            whole[int(below)] += count
        for below, count in (worker["profile"] or {"less_than": {}})["less_than"].items():
            awake[int(below)] += count
    return whole, awake


def asked(folder: Path) -> tuple[Turns, Turns]:
    """Return the same of a server that runs."""
    return counted(control.ask(f"{folder}/control.sock", "GET", "turns").data["turns"])


def measure(there: Stage, name: str, location: str, seconds: float, cores: str) -> Row:
    """Run eight workers, and ask them for large answers and for tiny ones."""
    (port,) = free_ports(1)
    folder = there.folder / name
    (folder / "logs").mkdir(parents=True)
    conf = folder / "nginx.conf"
    conf.write_text(configuration(folder, port, there.origin.files, location))
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(conf), "-p", str(folder)]
    with Child(words, cores, folder / "output", folder=ROOT) as server:
        if not wait_open([port], server.alive):
            raise OSError(f"it does not start: {server.said()}")
        load = Load(f"http://{LOOPBACK}:{port}/65536", CONNECTIONS, among=-1)
        drive(load, 1.0, there.cores.load, folder / "wrk")
        pinging = pings.command(port, "/tiny", seconds, CONNECTIONS)
        control.ask(f"{folder}/control.sock", "POST", "profiling", "on")
        before, _ = asked(folder)
        with Child(pinging, there.cores.load, folder / "pings", folder=ROOT) as client:
            report = drive(load, seconds, there.cores.load, folder / "wrk")
            client.wait(seconds + 30.0)
            taken = [took for _, took in pings.parse(client.said())]
        after, awake = asked(folder)
    shutil.rmtree(folder)
    return Row(name, report.requests / report.seconds, taken, after - before, awake)


def main() -> int:
    """Print both; return 1 where storing holds up for longer than it may."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=positive, default=10, help="of one measurement")
    parser.add_argument(
        "--spread", action="store_true", help="workers on both cores, beside the load"
    )
    options = parser.parse_args()
    print(f"{'':11} 64 KiB/s  {'':23}   p50 ms   p99 ms p99.9 ms   max ms")
    with stage(log=False, keep=False) as there:
        rows = []
        cores = f"{there.cores.proxy},{there.cores.load}" if options.spread else there.cores.proxy
        for name, location in (("forwarded", ""), ("stored", STORED)):
            rows.append(measure(there, name, location, options.seconds, str(cores)))
            print("\n".join(rows[-1].lines()), flush=True)
    forwarded, stored = rows
    return int(stored.part(0.999) - forwarded.part(0.999) > MOST)


if __name__ == "__main__":
    sys.exit(main())
