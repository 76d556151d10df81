"""Whether limits are exact, and what they cost: `python -m loadtest.limits [--cost | --slow]`.

Without an option: a forkproxy of 8 workers with limit_req, 200 clients that ask as they can,
for each rate: granted is what was answered 200, most is rate x time + burst + 1; offered is how
many times the rate was asked for. "reload": with a reload each two seconds, "killed": with one
worker killed in the middle. --cost: microseconds of
CPU of one decision, 8 processes at one key, and of one lookup among 100,000 networks; a call from
Python is in both, so the real cost is less. --slow: slowhttptest (slow heads, bodies, reads) at
forkproxy and nginx, one after the other, and how a normal client fares meanwhile.
"""

import argparse
import contextlib
import http.client
import ipaddress
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from forkproxy.shared.counters import table
from forkproxy.shared.networks import Networks
from forkproxy.shared.rates import RateTable
from loadtest import proc
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.options import positive
from loadtest.table import aligned

WORKERS, CLIENTS = 8, 200
RATES = (10, 100, 1000, 10_000)
CALLS = 100_000
NETWORKS = 100_000
ATTACKS = {"slow heads": "-H", "slow bodies": "-B", "slow reads": "-X"}
PATIENCE = 15.0  # seconds a server may take to start

CONFIGURATION = """\
worker_processes {workers};
worker_rlimit_nofile 16384;
error_log {folder}/error.log crit;
pid {folder}/pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    limit_req_zone $binary_remote_addr zone=limit:1m rate={rate}r/s;
    server {{
        listen {address}:{port};
        location / {{
            limit_req zone=limit {burst};
            limit_req_log_level info;
            root {folder};
            open_file_cache max=10;
        }}
        location /free {{ alias {folder}/file; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A proxy that runs; `pid` is its master's."""

    pid: int
    port: int


@contextlib.contextmanager
def serving(program: str, rate: int, burst: str) -> Iterator[Server]:
    """Run forkproxy or nginx with one limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "file").write_bytes(b"x" * 100_000)
        (folder / "index.html").write_bytes(b"ok")
        (port,) = free_ports(1)
        text = CONFIGURATION.format(
            workers=WORKERS, folder=folder, rate=rate, burst=burst, address=LOOPBACK, port=port
        )
        path = folder / "limits.conf"
        forkproxy = program == "forkproxy"
        path.write_text(("control_socket off;\n" if forkproxy else "daemon off;\n") + text)
        words = (
            [sys.executable, "-m", "forkproxy", "start", "-c", str(path)]
            if forkproxy
            else ["nginx", "-p", name, "-c", str(path), "-e", f"{name}/error.log"]
        )
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            try:
                if not wait_open([port], lambda: run.poll() is None, PATIENCE):
                    raise RuntimeError(f"{program} did not start")
                yield Server(run.pid, port)
            finally:
                run.terminate()


def asked(server: Server, seconds: int) -> tuple[int, int, float]:
    """Ask with all clients; return how many there were, how many of them 200, and the seconds."""
    words = ["wrk", "-t2", f"-c{CLIENTS}", f"-d{seconds}s", f"http://{LOOPBACK}:{server.port}/"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 30, check=True)
    return granted(said.stdout)


def granted(said: str) -> tuple[int, int, float]:
    """Read wrk's summary: answers, those that were not refused, and seconds."""
    total = re.search(r"(\d+) requests in ([\d.]+)s", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if total is None:
        raise ValueError(f"no summary: {said!r}")
    count = int(total[1])
    return count, count - (int(refused[1]) if refused else 0), float(total[2])


def reloads(server: Server, until: float) -> None:
    """Reload each two seconds."""
    while time.monotonic() < until - 2:
        time.sleep(2)
        os.kill(server.pid, signal.SIGHUP)


def kills(server: Server, until: float) -> None:
    """Kill one worker in the middle."""
    time.sleep((until - time.monotonic()) / 2)
    children = [one for one in proc.living(server.pid) if one.pid != server.pid]
    os.kill(children[0].pid, signal.SIGKILL)


def exactness(seconds: int, rates: Sequence[int] = RATES) -> Iterator[tuple[str, ...]]:
    """Yield a line for each rate, burst and disturbance."""
    quiet: Callable[[Server, float], None] = lambda _server, _until: None  # noqa: E731
    cases = [(rate, burst, "", quiet) for rate in rates for burst in (0, rate)]
    cases += [(1000, 100, "reload", reloads), (1000, 100, "killed", kills)]
    for rate, burst, what, disturb in cases:
        option = f"burst={burst} nodelay" if burst else ""
        with serving("forkproxy", rate, option) as server:
            until = time.monotonic() + seconds
            other = threading.Thread(target=disturb, args=(server, until))
            other.start()
            offered, count, took = asked(server, seconds)
            other.join()
        most = rate * took + burst + 1
        times = f"{offered / took / rate:.1f}"
        share = f"{100 * count / most:.1f} %"
        yield str(rate), str(burst), what, times, str(count), f"{most:.0f}", share


def each(function: Callable[[], object]) -> float:
    """Return the CPU microseconds of one call."""
    before = time.process_time()
    for _ in range(CALLS):
        function()
    return (time.process_time() - before) / CALLS * 1e6


def costs() -> Iterator[tuple[str, ...]]:
    """Yield what one decision costs."""
    limits: RateTable = table(RateTable, "cost", 64 << 20)
    now = time.monotonic_ns()
    nothing = each(lambda: None)

    def take(key: bytes) -> float:
        return each(lambda: limits.taken(key, now, 1_000_000, 10**6)) - nothing

    yield "one process, one key", f"{take(b'key'):.2f}"
    yield f"{WORKERS} processes, one key", f"{_together(lambda: take(b'key')):.2f}"
    for key in range(1_000_000):
        limits.taken(b"%d" % key, now, 1000, 10**6)
    keys = iter([b"%d" % key for key in range(0, 1_000_000, 1_000_000 // CALLS)])
    spread = each(lambda: limits.taken(next(keys, b"key"), now, 1000, 10**6)) - nothing
    yield "a million keys", f"{spread:.2f}"
    every = [(ipaddress.ip_network((n << 12, 24)), 1) for n in range(NETWORKS)]
    rules = Networks(every)
    yield f"{NETWORKS:,} networks", f"{each(lambda: rules.found(b'10.20.30.40')) - nothing:.2f}"


def _together(measure: Callable[[], float]) -> float:
    """Measure in so many processes at once; return the mean."""
    ends = []
    for _ in range(WORKERS):
        read, write = os.pipe()
        if os.fork() == 0:  # noqa: TID251 (it is what is measured)
            os.write(write, f"{measure()}".encode())
            os._exit(0)
        os.close(write)
        ends.append(read)
    found = [float(os.read(end, 64)) for end in ends]
    for end in ends:
        os.close(end)
        os.wait()
    return sum(found) / len(found)


def slow(seconds: int, connections: int) -> Iterator[tuple[str, ...]]:
    """Yield, for each attack, how a normal client fares at forkproxy and at nginx."""
    for name, option in ATTACKS.items():
        for program in ("forkproxy", "nginx"):
            with serving(program, 10_000, "burst=10000 nodelay") as server:
                url = f"http://{LOOPBACK}:{server.port}/free"
                words = ["slowhttptest", option, "-c", str(connections), "-r", "1000", "-i", "5"]
                words += ["-l", str(seconds), "-p", "3", "-u", url]
                if option == "-X":
                    words += ["-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"]
                attack = subprocess.Popen(
                    words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                try:
                    times, failed = _normal_client(server.port, seconds)
                finally:
                    attack.terminate()
                    attack.wait()
            times.sort()
            p99 = times[int(len(times) * 0.99)] * 1000 if times else float("nan")
            yield name, program, str(len(times)), str(failed), f"{p99:.1f}"


def _normal_client(port: int, seconds: int) -> tuple[list[float], int]:
    """Ask 50 times a second on connections of their own; return the times, and how many failed."""
    times: list[float] = []
    failed = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        before = time.monotonic()
        try:
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
            connection.request("GET", "/index.html")
            connection.getresponse().read()
            connection.close()
            times.append(time.monotonic() - before)
        except OSError:
            failed += 1
        time.sleep(max(0.0, 0.02 - (time.monotonic() - before)))
    return times, failed


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtest.limits", description=__doc__)
    parser.add_argument("--cost", action="store_true", help="what one decision costs")
    parser.add_argument("--slow", action="store_true", help="slow clients, beside nginx")
    parser.add_argument("--seconds", type=positive, default=20, help="of each line (20)")
    parser.add_argument("--rate", type=positive, action="append", help="only this rate")
    parser.add_argument("--connections", type=positive, default=1000, help="of --slow (1000)")
    given = parser.parse_args(words)
    wanted = "slowhttptest" if given.slow else "wrk"
    if not given.cost and shutil.which(wanted) is None:
        parser.error(f"{wanted} is not installed")
    if given.cost:
        head: tuple[str, ...] = ("decision", "CPU us")
        lines = costs()
    elif given.slow:
        head = ("attack", "server", "answered", "failed", "p99 ms")
        lines = slow(given.seconds, given.connections)
    else:
        head = ("rate", "burst", "with", "offered", "granted", "most", "of it")
        lines = exactness(given.seconds, given.rate or RATES)
    print(aligned([head, *lines]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
