"""Whether storing holds up who serves: `python -m loadtest.cache_stall`.

Eight workers store answers of 64 KiB without pause, and meanwhile give tiny ones on other
connections, one at a time. The same is done with answers that are forwarded and not stored, for
eight workers on a core wait for each other whatever they do: what a tiny one takes longer where the
large ones are stored is what storing holds up.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

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


def configuration(folder: Path, port: int, origin: int, location: str) -> str:
    """Return the nginx.conf."""
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
{user} worker_processes {WORKERS};
pid {folder}/pid; error_log {folder}/error.log warn;
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

    def part(self, share: float) -> float:
        """Return what so large a share of the tiny ones took at the most."""
        return pings.part(self.taken, share)

    def line(self) -> str:
        parts = "  ".join(f"{self.part(p) * 1e3:8.2f}" for p in (0.5, 0.99, 0.999, 1.0))
        return f"{self.name:9}  {self.rate:8,.0f}  {parts}"


def measure(there: Stage, name: str, location: str, seconds: float) -> Row:
    """Run eight workers, and ask them for large answers and for tiny ones."""
    (port,) = free_ports(1)
    folder = there.folder / name
    (folder / "logs").mkdir(parents=True)
    conf = folder / "nginx.conf"
    conf.write_text(configuration(folder, port, there.origin.files, location))
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(conf), "-p", str(folder)]
    with Child(words, there.cores.proxy, folder / "output", folder=ROOT) as server:
        if not wait_open([port], server.alive):
            raise OSError(f"it does not start: {server.said()}")
        load = Load(f"http://{LOOPBACK}:{port}/65536", CONNECTIONS, among=-1)
        drive(load, 1.0, there.cores.load, folder / "wrk")
        pinging = pings.command(port, "/tiny", seconds, CONNECTIONS)
        with Child(pinging, there.cores.load, folder / "pings", folder=ROOT) as client:
            report = drive(load, seconds, there.cores.load, folder / "wrk")
            client.wait(seconds + 30.0)
            taken = [took for _, took in pings.parse(client.said())]
    shutil.rmtree(folder)
    return Row(name, report.requests / report.seconds, taken)


def main() -> int:
    """Print both; return 1 where storing holds up for longer than it may."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=positive, default=10, help="of one measurement")
    options = parser.parse_args()
    print("           64 KiB/s    p50 ms    p99 ms  p99.9 ms    max ms")
    with stage(log=False, keep=False) as there:
        rows = []
        for name, location in (("forwarded", ""), ("stored", STORED)):
            rows.append(measure(there, name, location, options.seconds))
            print(rows[-1].line(), flush=True)
    forwarded, stored = rows
    return int(stored.part(0.999) - forwarded.part(0.999) > MOST)


if __name__ == "__main__":
    sys.exit(main())
