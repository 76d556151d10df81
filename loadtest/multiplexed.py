"""The scenarios in which h2load asks for the same thing over and over by HTTP/2."""

from loadtest.h2load import Load, drive
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
from loadtest.site import Task
from loadtest.throughput import COST, metered

HTTP2 = Task(secure="tickets", http2=True)


def multiplexed(
    summary: str,
    path: str,
    *,
    connections: int = 10,
    streams: int = 10,
    requests: int = 0,
    task: Task = HTTP2,
) -> Scenario:
    """Return the scenario that has so many streams of each connection ask for a path.

    `requests`: how many in all, where the answers are so long that time would cut them off.
    """

    def measure(proxy: Running, terms: Terms) -> Sample:
        load = Load(proxy.url(path), terms.connections, streams, requests)
        return _sample(proxy, terms, load)

    columns = (
        Column("rate", "requests/s", one_decimal if requests else whole),
        Column(COST, "CPU µs/req", one_decimal),
        Column("mean", "mean ms", milliseconds),
        Column("pss", "PSS MiB", mebibytes),
    )
    return Scenario(
        summary, measure, columns, cost=COST, rounds=3, connections=connections, task=task
    )


def _sample(proxy: Running, terms: Terms, load: Load) -> Sample:
    output = terms.folder / "h2load.out"
    report, spent, memory = metered(
        proxy, lambda midway: drive(load, terms.seconds, terms.cores.load, output, midway=midway)
    )
    count = report.requests
    values: dict[str, float | None] = {
        "rate": count / report.seconds,
        COST: spent * 1e6 / count if count else None,
        "mean": report.mean,
        "pss": memory.pss,
    }
    return Sample(values, report.errors)
