"""Processes are killed in the middle of fills: `python -m loadtest.cache_kills`.

A round starts a server on the store that the last one left, asks for answers of all sizes, most of
them never asked for before, and meanwhile kills with SIGKILL, in any order: first each worker and
the keeper, which the master replaces, three times; then all there are, the master among them. Then
the next begins. Each answer describes itself; one that its framing calls whole and that is not, is
torn. Answers that were cut are none: their clients knew. What the store holds is asked for over and
over, so what a kill has left there would be found.

Half of the answers are parts of contents that change: the ETag says which octets there have to be.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from loadtest import proc
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.options import positive
from loadtest.origin import ROOT
from loadtest.self_describing import PARTS, body, is_whole

SIZES = (300, 5_000, 100_000, 400_000)  # octets: in the store itself, and in files
CLIENTS = 12
NAMES = 400  # that are asked for again; as often something new is
PARTED = 8  # that are asked for in parts
_PARTS = 0.5  # of all requests
_RANGES = 0.9  # of those
WAVES = 3  # in which those that the master replaces are killed
_WARM = 0.1  # seconds before the first kill of a wave
_BETWEEN = 0.02  # seconds between two kills, at the most
_LATE = 20.0


def configuration(folder: Path, port: int, origin: int, workers: int) -> str:
    """Return the nginx.conf."""
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
{user} worker_processes {workers};
pid {folder}/pid; error_log {folder}/error.log error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    proxy_cache_path {folder}/cache keys_zone=kept:1m max_size=200m inactive=1h;
    server {{
        listen {LOOPBACK}:{port};
        location / {{
            proxy_pass http://{LOOPBACK}:{origin};
            proxy_cache kept;
            proxy_cache_key $uri;
            proxy_cache_lock on;
            add_header X-Cache $upstream_cache_status always;
        }}
        location {PARTS.decode()} {{
            proxy_pass http://{LOOPBACK}:{origin};
            proxy_cache kept;
            proxy_cache_key $uri;
            proxy_cache_lock on;
            proxy_cache_rfc on;
            proxy_cache_max_range_offset 0;
            add_header X-Cache $upstream_cache_status always;
        }}
    }}
}}
"""


@dataclass(slots=True)
class Tally:
    """What the clients saw, over all rounds."""

    outcomes: Counter[str] = field(default_factory=Counter)
    torn: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)


class Client(threading.Thread):
    """Asks until it is told to end."""

    def __init__(self, port: int, tally: Tally, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._tally, self._over = port, tally, over
        self._chance = random.Random()

    def run(self) -> None:
        while not self._over.is_set():
            connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=5.0)
            with contextlib.closing(connection):
                try:
                    while not self._over.is_set():
                        self._ask(connection)
                except (OSError, http.client.HTTPException):
                    self._tally.outcomes["cut"] += 1
                    self._over.wait(0.005)

    def _ask(self, connection: http.client.HTTPConnection) -> None:
        if self._chance.random() < _PARTS:
            self._ask_for_part(connection)
        else:
            self._ask_for_all(connection)

    def _ask_for_part(self, connection: http.client.HTTPConnection) -> None:
        octets = SIZES[self._chance.randrange(len(SIZES))]
        target = f"{PARTS.decode()}p{self._chance.randrange(PARTED)}/{octets}"
        start, stop = 0, octets
        wanted = {}
        if self._chance.random() < _RANGES:
            start = self._chance.randrange(octets)
            stop = self._chance.randrange(start, octets) + 1
            wanted = {"Range": f"bytes={start}-{stop - 1}"}
        connection.request("GET", target, headers=wanted)
        answer = connection.getresponse()
        came = answer.read()
        expected = http.HTTPStatus.PARTIAL_CONTENT if wanted else http.HTTPStatus.OK
        if answer.status != expected:
            self._tally.outcomes[str(answer.status)] += 1
            return
        number = answer.headers.get("ETag", "").strip('"').encode()
        if came == body(target.encode(), octets, number)[start:stop]:
            self._tally.outcomes[f"{answer.status} {answer.headers.get('X-Cache', '-')}"] += 1
        else:
            self._tally.torn.append(f"{target} {start}-{stop}: {len(came)}, {answer.headers}")

    def _ask_for_all(self, connection: http.client.HTTPConnection) -> None:
        name = f"n{self._chance.randrange(NAMES)}"
        if self._chance.random() < 0.5:
            name = f"new{self._chance.getrandbits(48):x}"
        target = f"/{name}/{SIZES[hash(name) % len(SIZES)]}"
        connection.request("GET", target)
        answer = connection.getresponse()
        octets = answer.read()
        if answer.status != http.HTTPStatus.OK:
            self._tally.outcomes[str(answer.status)] += 1
        elif is_whole(target.encode(), octets):
            self._tally.outcomes[answer.headers.get("X-Cache", "-")] += 1
        else:
            self._tally.torn.append(f"{target}: {len(octets)} octets, {answer.headers}")


def kill_each(victims: list[proc.Process], tally: Tally, chance: random.Random) -> None:
    """Kill some processes, one after another in any order."""
    chance.shuffle(victims)
    for victim in victims:
        time.sleep(chance.random() * _BETWEEN)
        kind = _kind(victim.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            tally.kills[kind] += 1


def _kind(pid: int) -> str:
    try:
        title = Path("/proc", str(pid), "cmdline").read_bytes()
    except OSError:
        return "other"
    return next(
        (kind for kind in ("worker", "keeper", "master") if kind.encode() in title), "other"
    )


def complete(server: Child, workers: int) -> list[proc.Process]:
    """Return the processes of a server once all are there, or after some seconds as they are."""
    ends_at = time.monotonic() + _LATE
    while True:
        found = proc.living(server.pid)
        if len(found) >= workers + 2 or time.monotonic() > ends_at:
            return found
        time.sleep(_BETWEEN)


def one_round(
    folder: Path, port: int, cores: Cores, workers: int, tally: Tally, chance: random.Random
) -> None:
    """Start, ask, kill. Raises OSError where the server does not start."""
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(folder / "nginx.conf")]
    with Child([*words, "-p", str(folder)], cores.proxy, folder / "output", folder=ROOT) as server:
        if not wait_open([port], server.alive, within=_LATE):
            raise OSError(f"it does not start: {server.said()}")
        over = threading.Event()
        clients = [Client(port, tally, over) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for wave in range(WAVES + 1):
            found = complete(server, workers)
            time.sleep(_WARM + chance.random() * _WARM)
            if wave < WAVES:
                found = [one for one in found if one.pid != server.pid]
            kill_each(found, tally, chance)
        server.end()
        over.set()
        for client in clients:
            client.join(_LATE)


def run(seconds: float, kills: int, workers: int, *, seed: int = 0) -> Tally:
    """Have rounds for some seconds, or until so many kills."""
    cores = Cores.available()
    chance = random.Random(seed or None)
    tally = Tally()
    port, origin = free_ports(2)
    shelf = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="kills-", dir=shelf if shelf.is_dir() else None))
    (folder / "logs").mkdir()
    (folder / "nginx.conf").write_text(configuration(folder, port, origin, workers))
    ends_at = time.monotonic() + seconds
    words = [sys.executable, "-m", "loadtest.self_describing", str(origin)]
    try:
        with Child(words, cores.load, folder / "origin.out", folder=ROOT) as there:
            if not wait_open([origin], there.alive, within=_LATE):
                raise OSError(f"the origin does not start: {there.said()}")
            while time.monotonic() < ends_at and tally.kills.total() < kills:
                one_round(folder, port, cores, workers, tally, chance)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def main() -> int:
    """Print what the clients saw; return 1 where an answer was torn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="at the most")
    parser.add_argument("--kills", type=positive, default=10_000, help="at the most")
    parser.add_argument("--workers", type=positive, default=6)
    options = parser.parse_args()
    tally = run(options.seconds, options.kills, options.workers)
    print(f"kills      {tally.kills.total():,}: {dict(tally.kills)}")
    print(f"answers    {dict(tally.outcomes)}")
    print(f"torn       {len(tally.torn)}")
    for line in tally.torn[:20]:
        print(f"  {line}")
    return int(bool(tally.torn))


if __name__ == "__main__":
    sys.exit(main())
