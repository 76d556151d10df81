"""Whether a client has more of a worker for having more streams: one of 1,000 beside one of 10.

Both ask for the same small answer, out of the cache, as fast as they can. `share` is how often the
first was answered for each answer of the second, `alone` the same client's rate with nobody beside.
"""

from dataclasses import replace

from loadtest.child import Child
from loadtest.h2load import Load, Report, parse
from loadtest.multiplexed import HTTP2
from loadtest.proxies import Running
from loadtest.scenario import Column, Sample, Scenario, Terms, milliseconds, one_decimal, whole

_MANY, _FEW = 1000, 10  # streams of one connection each
_LATE = 60.0  # seconds that the load may take to end, beyond its time


def measure(proxy: Running, terms: Terms) -> Sample:
    """Let both ask at the same time, then the second alone."""
    many, few = _together(proxy, terms, [_MANY, _FEW])
    (alone,) = _together(proxy, terms, [_FEW])
    values: dict[str, float | None] = {
        "many": many.requests / many.seconds,
        "few": few.requests / few.seconds,
        "share": many.requests / few.requests if few.requests else None,
        "mean": few.mean,
        "alone": alone.requests / alone.seconds,
    }
    return Sample(values, many.errors | few.errors | alone.errors)


def _together(proxy: Running, terms: Terms, streams: list[int]) -> list[Report]:
    """Run a client of one connection for each of these; return what they report."""
    children = [
        Child(
            Load(proxy.url("/1024"), 1, count).command(terms.seconds),
            terms.cores.load,
            terms.folder / f"h2load-{count}.out",
        )
        for count in streams
    ]
    try:
        for child in children:
            child.wait(terms.seconds + _LATE)
        return [parse(child.said()) for child in children]
    finally:
        for child in children:
            child.end()


SCENARIO = Scenario(
    summary="GET of 1 KiB by HTTP/2, out of the cache: 1,000 streams of one client, 10 of another",
    measure=measure,
    columns=(
        Column("many", "1,000: req/s", whole),
        Column("few", "10: req/s", whole),
        Column("share", "share", one_decimal),
        Column("mean", "10: mean ms", milliseconds),
        Column("alone", "10 alone: req/s", whole),
    ),
    rounds=1,
    seconds=4.0,
    connections=2,
    task=replace(HTTP2, cached=True, streams=_MANY),
)
