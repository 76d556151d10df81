"""The scenarios in which wrk asks for the same thing over and over."""

from collections.abc import Callable
from typing import TypeVar

from loadtest import proc
from loadtest.drive import Load, drive
from loadtest.proxies import Running
from loadtest.scenario import (
    Column,
    Sample,
    Scenario,
    Terms,
    mebibytes,
    milliseconds,
    one_decimal,
    whole,
)
from loadtest.site import FORWARDED, Task

Report = TypeVar("Report")

COST = "cpu_us"  # CPU microseconds a request, of all of the proxy's processes
_COLUMNS = (
    Column("rate", "requests/s", whole),
    Column(COST, "CPU µs/req", one_decimal),
    Column("p50", "p50 ms", milliseconds),
    Column("p99", "p99 ms", milliseconds),
    Column("pss", "PSS MiB", mebibytes),
    Column("rss", "RSS MiB", mebibytes),
)


def throughput(
    summary: str,
    path: str,
    *,
    fields: tuple[str, ...] = (),
    body: int = 0,
    among: int = 0,
    task: Task = FORWARDED,
) -> Scenario:
    """Return the scenario that asks for a path, or posts a body of so many octets to it."""

    def measure(proxy: Running, terms: Terms) -> Sample:
        load = Load(proxy.url(path), terms.connections, fields, body, among)
        return wrk_sample(proxy, terms, load)

    return Scenario(summary, measure, _COLUMNS, cost=COST, task=task)


def wrk_sample(proxy: Running, terms: Terms, load: Load) -> Sample:
    """Drive one proxy once, and account for its CPU time and memory meanwhile."""
    output = terms.folder / "wrk.out"
    report, spent, memory = metered(
        proxy, lambda midway: drive(load, terms.seconds, terms.cores.load, output, midway=midway)
    )
    values: dict[str, float | None] = {
        "rate": report.requests / report.seconds,
        "octets": report.octets / report.requests if report.requests else None,
        COST: spent * 1e6 / report.requests if report.requests else None,
        "p50": report.p50,
        "p99": report.p99,
        "pss": memory.pss,
        "rss": memory.rss,
    }
    return Sample(values, report.errors)


def metered(
    proxy: Running, run: Callable[[Callable[[], None]], Report]
) -> tuple[Report, float, proc.Memory]:
    """Return what `run` returns, the CPU seconds of the proxy meanwhile, and its memory then.

    `run` calls what it is given midway.
    """
    seen: list[proc.Memory] = []
    before = proc.cpu_seconds(proxy.pid)
    report = run(lambda: seen.append(proc.memory(proxy.pid)))
    return report, proc.cpu_seconds(proxy.pid) - before, seen[0]
