"""The scenarios in which wrk asks for the same thing over and over."""

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
    seen: list[proc.Memory] = []
    before = proc.cpu_seconds(proxy.pid)
    report = drive(
        load,
        terms.seconds,
        terms.cores.load,
        terms.folder / "wrk.out",
        midway=lambda: seen.append(proc.memory(proxy.pid)),
    )
    spent = proc.cpu_seconds(proxy.pid) - before
    values: dict[str, float | None] = {
        "rate": report.requests / report.seconds,
        "octets": report.octets / report.requests if report.requests else None,
        COST: spent * 1e6 / report.requests if report.requests else None,
        "p50": report.p50,
        "p99": report.p99,
        "pss": seen[0].pss if seen else None,
        "rss": seen[0].rss if seen else None,
    }
    return Sample(values, report.errors)
