"""Reloads that nobody may notice who speaks HTTP/2: 20 in 26 seconds.

The clients are those of `strict_http2`: half of them busy all the time, half of them quiet now and
then. Failed is every request that got no whole 200, but those the proxy has said it did not take.
"""

import time

from loadtest import strict_http2
from loadtest.child import Child
from loadtest.http2_client import UNPROCESSED
from loadtest.multiplexed import HTTP2
from loadtest.origin import ROOT
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, whole

_PACE = 1.2  # seconds from one reload to the next: 20 in 26 s
_LEAD = 1.0  # seconds of quiet load before the first, after the last
_STREAMS = 10  # of each connection
_LATE = 20.0  # seconds the clients may take to end, beyond their time


def measure(proxy: Running, terms: Terms) -> Sample:
    """Reload under load."""
    words = strict_http2.command(proxy.port, terms.seconds, terms.connections, _STREAMS)
    output = terms.folder / "strict.out"
    with Child(words, terms.cores.load, output, folder=ROOT) as clients:
        reloads, refused = _reload_often(proxy, terms.seconds)
        clients.wait(terms.seconds + _LATE)
        report = strict_http2.parse(clients.said())
    failures = report.failures() | ({"reload": refused} if refused else {})
    values: dict[str, float | None] = {
        "reloads": reloads,
        "requests": sum(report.outcomes.values()),
        "again": report.outcomes.get(UNPROCESSED, 0),
        "connections": report.connections,
    }
    return Sample(values, failures)


def _reload_often(proxy: Running, seconds: float) -> tuple[int, int]:
    """Reload at an even pace; return how often, and how many were refused."""
    refused, count = 0, int((seconds - 2 * _LEAD) / _PACE)
    time.sleep(_LEAD)
    for _ in range(count):
        try:
            proxy.reload()
        except OSError:
            refused += 1
        time.sleep(_PACE)
    return count - refused, refused


SCENARIO = Scenario(
    summary="20 reloads in 26 s under HTTP/2: failed requests",
    measure=measure,
    columns=(
        Column("reloads", "reloads", whole),
        Column("requests", "requests", whole),
        Column("again", "not processed", whole),
        Column("connections", "connections", whole),
    ),
    rounds=1,
    seconds=26.1,
    connections=10,
    fresh=True,
    task=HTTP2,
)
