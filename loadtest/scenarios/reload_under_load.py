"""Reloads that nobody may notice: 50 in 60 seconds, under keep-alive, new connections, WebSockets.

wrk keeps its connections busy all the time; the strict client has busy ones, idle ones and new
ones; ten WebSockets are open from before the first reload until after the last. Failed is every
request of either client that got no whole 200, and every WebSocket that did not last. Afterwards
the proxy must come back to as many processes as it had, and to its memory.
"""

import contextlib
import time
from pathlib import Path

from loadtest import drive, proc, strict, tunnels
from loadtest.child import Child
from loadtest.drive import Load
from loadtest.origin import ROOT
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, mebibytes, one_decimal, whole

_PACE = 1.2  # seconds from one reload to the next: 50 in 60 s
_LEAD = 1.0  # seconds of quiet load before the first, after the last
_KEPT, _FRESH, _TUNNELS = 16, 4, 10
_WARM = 1.0  # seconds of load before memory is looked at
_LATE = 20.0  # seconds a client may take to end, beyond its time
_GONE = 20.0  # seconds old workers are waited for


def measure(proxy: Running, terms: Terms) -> Sample:
    """Reload under load, then see what is left."""
    load = Load(proxy.url("/1024"), terms.connections)
    drive.drive(load, _WARM, terms.cores.load, terms.folder / "warm.out")
    members, before = len(proc.living(proxy.pid)), proc.memory(proxy.pid)
    words = {
        "wrk": load.command(terms.seconds),
        "strict": strict.command(proxy.port, terms.seconds, _KEPT, _FRESH),
        "tunnels": tunnels.command(proxy.port, terms.seconds, _TUNNELS),
    }
    said = {}
    with contextlib.ExitStack() as running:
        clients = {
            name: running.enter_context(_client(command, terms, terms.folder / f"{name}.out"))
            for name, command in words.items()
        }
        effective, refused = _reload_often(proxy, terms.seconds)
        for name, client in clients.items():
            client.wait(terms.seconds + _LATE)
            said[name] = client.said()
    gone = _seconds_until(proxy.pid, members)
    wrk, checked = drive.parse(said["wrk"]), strict.parse(said["strict"])
    open_tunnels = tunnels.parse(said["tunnels"])
    after = proc.memory(proxy.pid)
    failures = {f"wrk {kind}": count for kind, count in wrk.errors.items()}
    failures |= {f"strict {kind}": count for kind, count in checked.failures().items()}
    failures |= {"WebSocket": open_tunnels.dropped, "reload": refused}
    values: dict[str, float | None] = {
        "reloads": effective,
        "requests": wrk.requests + sum(checked.outcomes.values()),
        "rate": wrk.requests / wrk.seconds,
        "echoes": open_tunnels.echoes,
        "dropped": open_tunnels.dropped,
        "gone": gone,
        "before": before.pss,
        "after": after.pss,
    }
    return Sample(values, {kind: count for kind, count in failures.items() if count})


def _client(command: list[str], terms: Terms, output: Path) -> Child:
    return Child(command, terms.cores.load, output, folder=ROOT)


def _reload_often(proxy: Running, seconds: float) -> tuple[int, int]:
    """Reload at an even pace; return how many took effect, and how many were refused.

    One has taken effect when there is a child that was not there before; that of a proxy
    of one process when it says so.
    """
    effective = refused = 0
    started = time.monotonic()
    for number in range(int((seconds - 2 * _LEAD) / _PACE) + 1):
        _sleep_until(started + _LEAD + number * _PACE)
        before = _pids(proxy)
        try:
            proxy.reload()
        except OSError:
            refused += 1
            continue
        _sleep_until(started + _LEAD + (number + 0.9) * _PACE)
        effective += bool(_pids(proxy) - before) or before == {proxy.pid}
    return effective, refused


def _pids(proxy: Running) -> set[int]:
    return {process.pid for process in proc.living(proxy.pid)}


def _sleep_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.monotonic()))


def _seconds_until(pid: int, members: int) -> float | None:
    """Wait until a family has shrunk to so many; return how long that took."""
    started = time.monotonic()
    while time.monotonic() - started < _GONE:
        if len(proc.living(pid)) <= members:
            return time.monotonic() - started
        time.sleep(0.05)
    return None


SCENARIO = Scenario(
    summary="50 reloads in 60 s under load: failed requests, dropped WebSockets",
    measure=measure,
    columns=(
        Column("reloads", "reloads", whole),
        Column("requests", "requests", whole),
        Column("rate", "wrk requests/s", whole),
        Column("echoes", "echoes", whole),
        Column("dropped", "WS dropped", whole),
        Column("gone", "old gone s", one_decimal),
        Column("before", "PSS before MiB", mebibytes),
        Column("after", "PSS after MiB", mebibytes),
    ),
    rounds=1,
    seconds=61,
    fresh=True,
)
