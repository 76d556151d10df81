"""A purge by tag of 10,000 entries, while others are served: `python -m loadtest.cache_purge`.

The store has 20,000 entries, of which half have the tag. What is timed is the command over the
control socket; what clients see of it, the answers that came meanwhile, beside those before it.
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
from forkproxy.cli import control
from forkproxy.config.directives.cache import OPEN_ENDED_MAP
from forkproxy.shared.store import open_cache
from loadtest import pings
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.drive import Load
from loadtest.many_entries import BATCH, stored
from loadtest.options import positive
from loadtest.origin import ROOT

LONGEST = 1.0  # seconds that the purge may take
CLIENTS = 16
LATE = 30.0  # seconds
_KEPT = "x" * 1024


def configuration(folder: Path, port: int, origin: int) -> str:
    """Return the configuration of a cache with tags, and of the origin that fills it."""
    user = "user root;\n" if os.geteuid() == 0 else ""
    tagged = 'add_header Cache-Control max-age=86400; add_header Cache-Tag "many all";'
    return f"""\
{user}worker_processes 2;
control_socket unix:{folder}/control.sock;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    proxy_cache_path {folder}/cache keys_zone=kept:16m inactive=1d;
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
        location / {{ {tagged} return 200 {_KEPT}; }}
        location /other/ {{ add_header Cache-Control max-age=86400; return 200 {_KEPT}; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured.

    Attributes:
        took: seconds from the order to its answer.
        before, during: seconds that tiny answers took.
    """

    purged: int
    took: float
    before: list[float]
    during: list[float]


@contextmanager
def running(folder: Path, port: int, core: int) -> Iterator[Child]:
    """Run a server on what is in a folder."""
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(folder / "nginx.conf")]
    with Child([*words, "-p", str(folder)], core, folder / "output", folder=ROOT) as child:
        if not wait_open([port], child.alive):
            raise OSError(f"it does not start: {child.said()}")
        yield child


def multiply(folder: Path, count: int) -> None:
    """Put so many copies of the tagged entry into its store, and as many of another."""
    store = open_cache(folder / "cache", OPEN_ENDED_MAP)
    for name in ("/", "/other/"):
        octets = stored(store, f"{name}0".encode())
        for start in range(1, count, BATCH):
            with store.writing() as tables:
                shelf = Shelf(tables)
                for number in range(start, min(count, start + BATCH)):
                    shelf.put(f"{name}{number}".encode(), octets)
                shelf.finish()
    store.close()


def purge(folder: Path, tag: str) -> tuple[int, float]:
    """Purge by a tag; return how many that were, and the seconds it took."""
    begun = time.monotonic()
    words = ("cache-purge", "-", "tag", tag, "hard")
    answer = control.ask(f"{folder}/control.sock", "POST", *words)
    took = time.monotonic() - begun
    return int(answer.data["purged"]["kept"]), took


def measure(folder: Path, count: int, seconds: float) -> Row:
    """Fill a store, serve from it, and purge half of it."""
    cores = Cores.available()
    port, origin = free_ports(2)
    (folder / "nginx.conf").write_text(configuration(folder, port, origin))
    (folder / "logs").mkdir()
    with running(folder, port, cores.proxy):
        for name in ("/0", "/other/0"):
            urlopen(f"http://{LOOPBACK}:{port}{name}").read()
        multiply(folder, count)
    words = pings.command(port, "/other/0", seconds, CLIENTS)
    load = Load(f"http://{LOOPBACK}:{port}/other/", CLIENTS, among=count)
    wrk = load.command(seconds)
    with (
        running(folder, port, cores.proxy),
        Child(words, cores.load, folder / "pings", folder=ROOT) as client,
        Child(wrk, cores.load, folder / "wrk", folder=ROOT) as other,
    ):
        time.sleep(seconds / 2)
        begun = time.monotonic()
        purged, took = purge(folder, "many")
        client.wait(seconds + LATE)
        other.wait(seconds + LATE)
        taken = pings.parse(client.said())
    before = [one for at, one in taken if at < begun]
    during = [one for at, one in taken if begun <= at - one <= begun + took]
    return Row(purged, took, before, during)


def main() -> int:
    """Print what it took; return 1 where that is too long, or not all went."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=positive, default=10_000, help="entries with the tag")
    parser.add_argument("--seconds", type=positive, default=6, help="of load")
    options = parser.parse_args()
    shelf = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="purge-", dir=shelf if shelf.is_dir() else None))
    try:
        row = measure(folder, options.count, options.seconds)
    finally:
        shutil.rmtree(folder)
    print(f"purged         {row.purged:,} in {row.took:.3f} s")
    for name, taken in (("before", row.before), ("meanwhile", row.during)):
        parts = ", ".join(f"p{p * 100:g} {pings.part(taken, p) * 1e3:.2f} ms" for p in (0.5, 0.99))
        print(f"{name:13}  {len(taken):,} answers, {parts}")
    return int(row.purged != options.count or row.took > LONGEST)


if __name__ == "__main__":
    sys.exit(main())
