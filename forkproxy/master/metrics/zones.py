"""Metrics of all that is counted by name: zones, caches, limits, resolvers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from forkproxy.master.administration import Master
from forkproxy.master.metrics.exposition import Family, labels_of
from forkproxy.shared.scoreboard import (
    CacheCell,
    LimitConnCell,
    LimitReqCell,
    ResolverCell,
    Width,
    ZoneCell,
)

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
Counts = Mapping[str, list[int]]  # the sums of a tally's columns, by what its labels are


def zones(master: Master) -> Iterator[Family]:
    """Yield those of each `status_zone`."""
    counts = _counts(master, "server_zone")
    yield _plain(
        counts,
        "server_zone_requests_active",
        "gauge",
        "Requests to a server that are answered now.",
        ZoneCell.ZONE_PROCESSING,
    )
    yield from _zone("server_zone", "a server", counts)
    for name, meaning, cell in (
        ("handshakes", "TLS handshakes of a server.", ZoneCell.ZONE_HANDSHAKES),
        ("handshakes_failed", "Those that failed.", ZoneCell.ZONE_HANDSHAKES_FAILED),
        ("session_reuses", "Those that resumed a session.", ZoneCell.ZONE_SESSION_REUSES),
    ):
        yield _plain(counts, f"server_zone_tls_{name}_total", "counter", meaning, cell)
    yield from _zone("location_zone", "a location", _counts(master, "location_zone"))


def _zone(kind: str, what: str, counts: Counts) -> Iterator[Family]:
    for name, meaning, cell in (
        ("requests", f"Requests to {what}.", ZoneCell.ZONE_REQUESTS),
        ("discarded", "Those that ended without an answer.", ZoneCell.ZONE_DISCARDED),
        ("received_bytes", "Octets that clients sent.", ZoneCell.ZONE_RECEIVED),
        ("sent_bytes", "Octets that were sent to clients.", ZoneCell.ZONE_SENT),
    ):
        yield _plain(counts, f"{kind}_{name}_total", "counter", meaning, cell)
    cells = {name: ZoneCell.ZONE_1XX + index for index, name in enumerate(CLASSES)}
    yield _split(counts, f"{kind}_responses_total", f"Answers of {what}.", "code", cells)


def caches(master: Master) -> Iterator[Family]:
    """Yield those of each cache."""
    counts = _counts(master, "cache")
    size, most = CacheCell.CACHE_SIZE, CacheCell.CACHE_MAX_SIZE
    yield _plain(counts, "cache_size_bytes", "gauge", "Octets that a cache holds.", size)
    yield _plain(counts, "cache_max_size_bytes", "gauge", "The most it may hold, 0: no end.", most)
    cold = CacheCell.CACHE_COLD
    yield _plain(counts, "cache_cold", "gauge", "Whether what is on disk is still read in.", cold)
    names = ["hit", "stale", "updating", "revalidated", "miss", "expired", "bypass"]
    cells = {name: int(CacheCell[f"CACHE_{name.upper()}"]) for name in names}
    octets = {name: cell + 1 for name, cell in cells.items()}
    meaning = "Answers, by what the cache had to do with them."
    yield _split(counts, "cache_responses_total", meaning, "status", cells)
    yield _split(counts, "cache_response_bytes_total", "Octets of them.", "status", octets)
    written = {name: cells[name] + 2 for name in ("miss", "expired", "bypass")}
    meaning = "Answers that were stored."
    yield _split(counts, "cache_responses_written_total", meaning, "status", written)


def limits(master: Master) -> Iterator[Family]:
    """Yield those of each zone of limit_req and limit_conn."""
    for kind, what, cells in (
        ("limit_req", "Requests", LimitReqCell),
        ("limit_conn", "Requests, as connections are counted,", LimitConnCell),
    ):
        results = {cell.name.removeprefix(f"{kind.upper()}_").lower(): int(cell) for cell in cells}
        meaning = f"{what} that a limit has judged."
        yield _split(_counts(master, kind), f"{kind}_requests_total", meaning, "result", results)


def resolvers(master: Master) -> Iterator[Family]:
    """Yield those of each resolver with a `status_zone`."""
    counts = _counts(master, "resolver")

    def cells(names: str) -> dict[str, int]:
        return {name: int(ResolverCell[f"RESOLVER_{name.upper()}"]) for name in names.split()}

    kinds = cells("name srv addr")
    codes = cells("noerror formerr servfail nxdomain notimp refused timedout unknown")
    yield _split(counts, "resolver_requests_total", "Questions to name servers.", "type", kinds)
    yield _split(counts, "resolver_responses_total", "Answers of name servers.", "code", codes)


# The shapes.


def _counts(master: Master, kind: str) -> Counts:
    cells = master.counted.cells
    return {
        labels_of(zone=name): cells.board.totals(cells.tally(kind, name), Width.TALLY_CELLS)
        for name in cells.directory.tallies(kind)
    }


def _plain(counts: Counts, name: str, kind: str, meaning: str, cell: int) -> Family:
    made = Family(name, kind, meaning)
    for labels, values in counts.items():
        made.add(values[cell], labels)
    return made


def _split(counts: Counts, name: str, meaning: str, label: str, cells: Mapping[str, int]) -> Family:
    """Return a counter with one sample for each of these cells, told apart by a label."""
    made = Family(name, "counter", meaning)
    for labels, values in counts.items():
        for value, cell in cells.items():
            made.add(values[cell], f'{labels},{label}="{value}"')
    return made


GROUPS: dict[str, Callable[[Master], Iterator[Family]]] = {
    "zones": zones,
    "caches": caches,
    "limits": limits,
    "resolvers": resolvers,
}
