"""What attacks by HTTP/2 cost, beside nginx: `python -m loadtest.floods [ATTACK …]`.

One attacker at a time, in plain with prior knowledge, as fast as the server takes it. For each: CPU
time of the proxy, its microseconds for each Mbit that was sent to it, and the ratio to nginx's;
how many connections that took; how many requests reached the upstream for each thousand of them;
and how a normal client fared meanwhile, who asks 50 times a second (p99 in ms, and failures).
"""

import argparse
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadtest import proc
from loadtest.address import LOOPBACK
from loadtest.child import Child
from loadtest.http2_attacks import ATTACKS, PATH, Sent
from loadtest.http2_client import LATE, OK, Client
from loadtest.options import positive
from loadtest.origin import ROOT
from loadtest.proxies import KINDS, Running
from loadtest.site import Task
from loadtest.stage import Stage, stage
from loadtest.table import aligned

TASK = Task(http2=True)
_PAUSE = 0.02  # seconds between two requests of the normal client
_HEAD = ("attack", "server", "CPU s", "Mbit", "µs/Mbit", "to nginx", "connections", "upstream")


class Upstream:
    """A server that answers everything, and counts what came by attack. Closed with the `with`."""

    def __init__(self) -> None:
        self._socket = socket.create_server((LOOPBACK, 0), backlog=1024)
        self.port = self._socket.getsockname()[1]
        self.attacked = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Upstream":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + b"x" * 1024
        head = b""
        try:
            while octets := connection.recv(65536):
                head += octets
                while b"\r\n\r\n" in head:
                    asked, _, head = head.partition(b"\r\n\r\n")
                    self.attacked += PATH in asked
                    connection.sendall(answer)
        except OSError:
            pass
        finally:
            connection.close()


@dataclass(slots=True)
class Normal:
    """A client that asks now and then while others attack."""

    times: list[float]
    failed: int = 0

    def ask(self, port: int, until: float) -> None:
        """Ask until it is time, by one connection after the other where one is lost."""
        while time.monotonic() < until:
            try:
                with socket.create_connection((LOOPBACK, port), timeout=LATE) as connection:
                    self._use(Client(connection, "/normal"), until)
            except (OSError, EOFError):
                self.failed += 1

    def _use(self, client: Client, until: float) -> None:
        while time.monotonic() < until:
            before = time.monotonic()
            client.ask(1)
            while not (ended := client.outcomes()):
                pass
            self.failed += ended != [OK]
            self.times.append(time.monotonic() - before)
            time.sleep(max(0.0, _PAUSE - self.times[-1]))

    def p99(self) -> float:
        """Return the time that one in a hundred took longer than, in milliseconds."""
        times = sorted(self.times)
        return times[int(len(times) * 0.99)] * 1000 if times else float("nan")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one attack cost a proxy, in CPU seconds, and what came of it."""

    cpu: float
    sent: Sent
    upstream: int
    normal: Normal

    @property
    def megabits(self) -> float:
        return self.sent.octets * 8 / 1e6

    @property
    def each(self) -> float:
        """CPU microseconds for each Mbit."""
        return self.cpu * 1e6 / self.megabits if self.megabits else float("nan")


def measured(proxy: Running, place: Stage, name: str, seconds: float, upstream: Upstream) -> Cost:
    """Attack a proxy that runs."""
    normal, words = Normal([]), ["-m", "loadtest.http2_attacks", name, str(proxy.port)]
    other = threading.Thread(target=normal.ask, args=(proxy.port, time.monotonic() + seconds))
    before, attacked = proc.cpu_seconds(proxy.pid), upstream.attacked
    other.start()
    command = [sys.executable, *words, str(seconds)]
    with Child(command, place.cores.load, place.folder / "attack.out", folder=ROOT) as child:
        child.wait(seconds + LATE)
        sent = Sent(**json.loads(child.said().splitlines()[-1]))
    other.join()
    spent = proc.cpu_seconds(proxy.pid) - before
    return Cost(spent, sent, upstream.attacked - attacked, normal)


def lines(
    names: Sequence[str], seconds: float, servers: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    """Yield a line for each attack and server."""
    with stage(log=False, keep=False) as place, Upstream() as upstream:
        location = f"proxy_pass http://{LOOPBACK}:{upstream.port};"
        for name in names:
            theirs: float | None = None
            for server in sorted(servers, reverse=True):  # nginx first, for the ratio
                with place.running(KINDS[server], location=location, task=TASK) as proxy:
                    cost = measured(proxy, place, name, seconds, upstream)
                theirs = cost.each if server == "nginx" else theirs
                yield _line(name, server, cost, theirs)


def _line(name: str, server: str, cost: Cost, theirs: float | None) -> tuple[str, ...]:
    share = 1000 * cost.upstream / cost.sent.connections if cost.sent.connections else 0
    return (
        *(name, server, f"{cost.cpu:.2f}", f"{cost.megabits:.0f}", f"{cost.each:.0f}"),
        f"{cost.each / theirs:.2f}" if theirs else "",
        *(str(cost.sent.connections), f"{share:.0f}", f"{cost.normal.p99():.1f}"),
        str(cost.normal.failed),
    )


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtest.floods", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=positive, default=3, help="of each line (3)")
    parser.add_argument("--against", default="nginx", help="beside whom (nginx); '' for nobody")
    given = parser.parse_args(words)
    if unknown := set(given.attacks) - set(ATTACKS):
        parser.error(f"no such attack: {', '.join(unknown)}")
    servers = ["forkproxy", *filter(None, [given.against])]
    if set(servers) - set(KINDS):
        parser.error(f"no proxy is called {given.against}")
    found = list(lines(given.attacks or list(ATTACKS), given.seconds, servers))
    print(aligned([(*_HEAD, "p99 ms", "failed"), *found]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
