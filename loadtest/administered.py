"""What administration costs those who are served: `python -m loadtest.administered`.

First `show stat` is asked ten times a second while wrk drives, with rounds in between in which
nobody asks: the 99th percentiles of both are to be the same. Then three servers are drained and
made ready one after the other, again and again, under a client that counts every request: none
may fail.
"""

import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from loadtest import strict
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.drive import Load, drive
from loadtest.origin import ROOT

ROUNDS = 5
SECONDS = 3.0  # of a round
ROLL_SECONDS = 9.0
PAUSE = 0.1  # seconds from one `show stat` to the next
SETTLE = 0.3  # seconds that a server is out
CONNECTIONS = 32


def configuration(folder: Path, port: int, origins: list[int]) -> str:
    """Return the nginx.conf."""
    servers = "".join(f"server {LOOPBACK}:{origin};" for origin in origins)
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
{user} worker_processes 2;
pid {folder}/pid; error_log {folder}/error.log notice;
control_socket unix:{folder}/control.sock;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    upstream u {{ zone u 64k; {servers} }}
    server {{ listen {LOOPBACK}:{port}; status_zone site; location / {{ proxy_pass http://u; }} }}
}}
"""


def tell(folder: Path, line: str) -> str:
    """Return what the control socket answers to a line."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10.0)
        sock.connect(f"{folder}/control.sock")
        sock.sendall(line.encode() + b"\n")
        return b"".join(iter(lambda: sock.recv(65536), b"")).decode()


class Asking:
    """Asks `show stat` again and again, until the `with` ends."""

    def __init__(self, folder: Path) -> None:
        self.answers = 0
        self._folder = folder
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Asking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._over.wait(PAUSE):
            self.answers += tell(self._folder, "show stat").startswith("# pxname")


def polled(folder: Path, port: int, cores: Cores) -> None:
    """Measure with and without questions, in turns, and print both."""
    load = Load(f"http://{LOOPBACK}:{port}/1024", CONNECTIONS)
    drive(load, SECONDS, cores.load, folder / "wrk.out")
    quiet, asked, rates, answers = [], [], [[], []], 0
    for _ in range(ROUNDS):
        report = drive(load, SECONDS, cores.load, folder / "wrk.out")
        quiet.append(report.p99)
        rates[0].append(report.requests / report.seconds)
        with Asking(folder) as asking:
            report = drive(load, SECONDS, cores.load, folder / "wrk.out")
        asked.append(report.p99)
        rates[1].append(report.requests / report.seconds)
        answers += asking.answers
    print(f"answers to show stat              {answers}")
    for name, times, rate in (
        ("nobody asks", quiet, rates[0]),
        ("show stat 10/s", asked, rates[1]),
    ):
        p99 = statistics.median(times) * 1000.0
        print(f"{name:33} p99 {p99:.2f} ms, {statistics.median(rate):.0f} requests/s")


def rolled(folder: Path, port: int, origins: list[int], cores: Cores) -> int:
    """Deploy again and again under load; print and return how many requests failed."""
    words = strict.command(port, ROLL_SECONDS, 24, 8)
    rounds = 0
    with Child(words, cores.load, folder / "strict.out", folder=ROOT) as client:
        ends_at = time.monotonic() + ROLL_SECONDS - 1.0
        while time.monotonic() < ends_at:
            for origin in origins:
                tell(folder, f"set server u/{LOOPBACK}:{origin} state drain")
                time.sleep(SETTLE)
                tell(folder, f"set server u/{LOOPBACK}:{origin} state ready")
            rounds += 1
        client.wait(ROLL_SECONDS + 20.0)
    report = strict.parse(client.said())
    failed = [event for event in report.events if event.outcome not in strict.SUCCESSES]
    print(f"deployments of three servers      {rounds}")
    print(f"requests                          {sum(report.outcomes.values())}")
    print(f"failed                            {len(failed)}")
    return len(failed)


def run(folder: Path) -> int:
    """Measure both; return 1 where a request failed."""
    cores = Cores.available()
    port, *origins = free_ports(4)
    conf = folder / "nginx.conf"
    conf.write_text(configuration(folder, port, origins))
    children = [
        Child(
            [sys.executable, "-m", "loadtest.plain_origin", str(one)],
            cores.load,
            folder / f"origin-{one}.out",
            folder=ROOT,
        )
        for one in origins
    ]
    words = [sys.executable, "-m", "forkproxy", "start", "-c", str(conf)]
    proxy = Child(words, cores.proxy, folder / "out")
    try:
        if not wait_open([port, *origins], proxy.alive):
            print(proxy.said(), file=sys.stderr)
            return 2
        polled(folder, port, cores)
        return int(rolled(folder, port, origins, cores) > 0)
    finally:
        for child in (proxy, *children):
            child.end()


def main() -> int:
    """Measure in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="administered-") as folder:
        return run(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
