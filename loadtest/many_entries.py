"""A cache of a million entries: what a hit costs, and how long a start takes.

    python -m loadtest.many_entries

fills two stores, of 1,000 entries and of a million, starts a worker on each, and asks for entries
at random, each as likely. Everything lies in memory (/dev/shm).

What a process touches first costs a page fault besides, once, so it is asked first until those are
rare: a million entries are nearly a million pages.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from forkproxy.cache.shelf import Shelf
from forkproxy.config.directives.cache import OPEN_ENDED_MAP
from forkproxy.shared.store import open_cache
from forkproxy.shared.tables import CacheStore
from loadtest import proc
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.drive import Load, drive
from loadtest.origin import ROOT

LATE = 5.0  # seconds
BATCH = 10_000  # entries of one transaction
WORSE = 1.2  # times what a hit costs among few: more, and the status is 1
LONGEST_START = 1.0  # seconds
RARE = 0.02  # faults a hit
LONGEST_WARMING = 30.0  # seconds
_KEPT = "x" * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one store."""

    count: int
    start: float  # seconds from the command to the first answer
    cost: float  # CPU microseconds a hit
    pss: int  # octets, of all processes

    def line(self) -> str:
        mebibytes = self.pss / 1024 / 1024
        return f"{self.count:9,}  {self.start:7.2f}  {self.cost:10.1f}  {mebibytes:7.1f}"


def configuration(port: int, origin: int) -> str:
    """Return the configuration of a cache, and of the origin that fills it."""
    # As root, workers would be nobody, who may not come into our folder, nor we into their store.
    user = "user root;\n" if os.geteuid() == 0 else ""
    return f"""\
{user}worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    proxy_cache_path cache keys_zone=kept:16m inactive=1d;
    server {{
        listen {LOOPBACK}:{port};
        location / {{
            proxy_pass http://{LOOPBACK}:{origin};
            proxy_cache kept;
            proxy_cache_key $uri;
        }}
    }}
    server {{
        listen {LOOPBACK}:{origin};
        location / {{ add_header Cache-Control max-age=86400; return 200 {_KEPT}; }}
    }}
}}
"""


@contextmanager
def running(folder: Path, port: int, core: int) -> Iterator[tuple[Child, float]]:
    """Start a server on what is in a folder; yield it and the seconds until it accepted."""
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(folder / "nginx.conf")]
    begun = time.perf_counter()
    with Child([*words, "-p", str(folder)], core, folder / "output", folder=ROOT) as child:
        if not wait_open([port], child.alive):
            raise OSError(f"it does not start: {child.said()}")
        urlopen(f"http://{LOOPBACK}:{port}/0").read()
        yield child, time.perf_counter() - begun


def stored(store: CacheStore, key: bytes = b"/0") -> bytes:
    """Return the entry of a key, once it is there: a worker stores it behind its answer."""
    deadline = time.monotonic() + LATE
    while time.monotonic() < deadline:
        with store.reading() as tables:
            octets = tables.entries.get(key)
        if octets is not None:
            return octets
        time.sleep(0.01)
    raise OSError("nothing was stored")


def multiply(folder: Path, count: int) -> None:
    """Put so many copies of the entry of /0 into its store, under /0 and so on."""
    store = open_cache(folder / "cache", OPEN_ENDED_MAP)
    octets = stored(store)
    for start in range(1, count, BATCH):
        with store.writing() as tables:
            shelf = Shelf(tables)
            for number in range(start, min(count, start + BATCH)):
                shelf.put(b"/%d" % number, octets)
            shelf.finish()
    store.close()


def measure(folder: Path, count: int, seconds: float) -> Row:
    """Fill a store, start on it, and ask."""
    cores = Cores.available()
    port, origin = free_ports(2)
    (folder / "nginx.conf").write_text(configuration(port, origin))
    (folder / "logs").mkdir()
    with running(folder, port, cores.proxy):
        multiply(folder, count)
    with running(folder, port, cores.proxy) as (child, start):
        load = Load(f"http://{LOOPBACK}:{port}/", 64, among=count)
        warm(child, load, cores, folder / "wrk.out")
        before = proc.cpu_seconds(child.pid)
        report = drive(load, seconds, cores.load, folder / "wrk.out")
        spent = proc.cpu_seconds(child.pid) - before
        if report.errors:
            raise ValueError(f"requests failed: {report.errors}")
        return Row(count, start, spent / report.requests * 1e6, proc.memory(child.pid).pss)


def warm(child: Child, load: Load, cores: Cores, output: Path) -> None:
    """Ask until few hits touch a page that none has touched before."""
    deadline = time.monotonic() + LONGEST_WARMING
    while time.monotonic() < deadline:
        before = proc.minor_faults(child.pid)
        report = drive(load, 2.0, cores.load, output)
        if proc.minor_faults(child.pid) - before < RARE * report.requests:
            return


def main() -> int:
    """Print the table; return 1 where a hit among many costs too much, or the start does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000, help="how many are many")
    parser.add_argument("--seconds", type=float, default=5.0, help="of one measurement")
    options = parser.parse_args()
    rows = []
    print("  entries  start s  CPU µs/hit  PSS MiB")
    for count in (1000, options.count):
        shelf = Path("/dev/shm")
        folder = Path(tempfile.mkdtemp(prefix="entries-", dir=shelf if shelf.is_dir() else None))
        try:
            rows.append(measure(folder, count, options.seconds))
        finally:
            shutil.rmtree(folder)
        print(rows[-1].line(), flush=True)
    few, many = rows
    return int(many.cost > WORSE * few.cost or many.start > few.start + LONGEST_START)


if __name__ == "__main__":
    sys.exit(main())
