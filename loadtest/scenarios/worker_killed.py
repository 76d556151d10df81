"""`kill -9`: of the worker under load, then of the master.

Of the worker: lost may be what was in flight in it, on connections opened before; every failure on
a connection opened later counts as failed. Back is when the first of those later connections got
its answer. Of the master: nothing of the proxy may be left, since nobody would look after it.
A proxy of one process (Caddy) is its own worker, and never comes back by itself.
"""

import os
import signal
import time
from collections import Counter

from loadtest import proc, strict
from loadtest.child import Child
from loadtest.origin import ROOT
from loadtest.proxies import Running, busiest_child
from loadtest.scenario import Column, Sample, Scenario, Terms, milliseconds, one_decimal, whole

_KEPT, _FRESH = 48, 16
_LATE = 20.0  # seconds the client may take to end, beyond its time
_GONE = 6.0  # seconds the proxy's processes are waited for; 5 is what we promise


def measure(proxy: Running, terms: Terms) -> Sample:
    """Kill both, a third of the time apart."""
    words = strict.command(proxy.port, terms.seconds, _KEPT, _FRESH)
    output = terms.folder / "strict.out"
    with Child(words, terms.cores.load, output, folder=ROOT) as client:
        time.sleep(terms.seconds / 3)
        killed_at, dead_at = _kill(busiest_child(proxy.pid) or _member(proxy.pid))
        time.sleep(terms.seconds / 3)
        members = proc.living(proxy.pid)
        master_killed_at, _ = _kill(_member(proxy.pid))
        left, gone = _wait_gone(members)
        client.wait(terms.seconds + _LATE)
    report = strict.parse(client.said())
    events = [event for event in report.events if killed_at <= event.at < master_killed_at]
    lost, failures, back_at = judge(events, dead_at)
    values: dict[str, float | None] = {
        "connections": _KEPT + _FRESH,
        "lost": lost,
        "back": back_at - killed_at if back_at else None,
        "left": left,
        "gone": gone,
    }
    return Sample(values, failures)


def judge(events: list[strict.Event], dead_at: float) -> tuple[int, dict[str, int], float | None]:
    """Return what was lost in flight, what failed later by kind, and when it was back.

    The last is None where nothing was served on a connection opened after the death.
    """
    failed = [event for event in events if event.outcome not in strict.SUCCESSES]
    later = Counter(event.outcome for event in failed if event.opened_at >= dead_at)
    served = [
        event.at for event in events if event.outcome == strict.OK and event.opened_at >= dead_at
    ]
    return len(failed) - later.total(), dict(later), min(served, default=None)


def _kill(process: proc.Process | None) -> tuple[float, float]:
    """Kill a process, unless it is gone already; return when, and when it was dead."""
    killed_at = time.monotonic()
    if process and proc.alive(process):
        os.kill(process.pid, signal.SIGKILL)
        # Until then it may still answer, even a connection opened after the signal.
        while proc.alive(process):
            time.sleep(0.0005)
    return killed_at, time.monotonic()


def _member(pid: int) -> proc.Process | None:
    return next((process for process in proc.living(pid) if process.pid == pid), None)


def _wait_gone(members: list[proc.Process]) -> tuple[int, float | None]:
    """Wait until none of these runs; return how many still do, and when the last had gone."""
    started = time.monotonic()
    while left := sum(map(proc.alive, members)):
        if time.monotonic() - started > _GONE:
            return left, None
        time.sleep(0.01)
    return 0, time.monotonic() - started


SCENARIO = Scenario(
    summary="kill -9 of the worker, then of the master: what fails, when it is back, what is left",
    measure=measure,
    columns=(
        Column("connections", "connections", whole),
        Column("lost", "lost in flight", whole),
        Column("back", "back after ms", milliseconds),
        Column("left", "left processes", whole),
        Column("gone", "gone after s", one_decimal),
    ),
    rounds=3,
    seconds=6,
    fresh=True,
)
