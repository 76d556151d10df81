"""Rows of `show stat` for what clients come to: all of HTTP together, and each `status_zone`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forkproxy.master.counted import Counted
from forkproxy.shared.scoreboard import CacheCell, Cell, SslCell, ZoneCell

FRONTEND = 0  # value of "type"
EVERYTHING = "http"  # the name of the FRONTEND that stands for all servers together
CLASSES = tuple(f"hrsp_{digit}xx" for digit in range(1, 6))
HITS = (
    CacheCell.CACHE_HIT,
    CacheCell.CACHE_STALE,
    CacheCell.CACHE_UPDATING,
    CacheCell.CACHE_REVALIDATED,
)
MISSES = (CacheCell.CACHE_MISS, CacheCell.CACHE_EXPIRED)

Row = dict[str, Any]


def frontends(counted: Counted, most: int) -> Iterator[Row]:
    """Yield all servers together, then each server zone."""
    total = counted.total
    accepted = total(Cell.ACCEPTED)
    row: Row = {
        "pxname": EVERYTHING,
        "svname": "FRONTEND",
        "scur": total(Cell.ACTIVE),
        "smax": total(Cell.ACTIVE_MOST),
        "slim": most,
        "stot": accepted,
        "status": "OPEN",
        "type": FRONTEND,
        "rate": total(Cell.CONNECTION_RATE),
        "rate_lim": 0,
        "rate_max": total(Cell.CONNECTION_RATE_MOST),
        "req_rate": total(Cell.REQUEST_RATE),
        "req_rate_max": total(Cell.REQUEST_RATE_MOST),
        "req_tot": total(Cell.REQUESTS),
        "mode": "http",
        "conn_rate": total(Cell.CONNECTION_RATE),
        "conn_rate_max": total(Cell.CONNECTION_RATE_MOST),
        "conn_tot": accepted,
        "dcon": max(0, accepted - total(Cell.HANDLED)),
        "ssl_sess": counted.ssl(SslCell.SSL_HANDSHAKES),
        "ssl_reused_sess": counted.ssl(SslCell.SSL_SESSION_REUSES),
        "ssl_failed_handshake": counted.ssl(SslCell.SSL_HANDSHAKES_FAILED),
    }
    yield row | _cached(counted)
    for zone in counted.cells.directory.tallies("server_zone"):
        yield _zone(counted, zone, counted.cells.tally("server_zone", zone))


def _cached(counted: Counted) -> Row:
    """Return how often caches were looked into, and had something."""
    directory = counted.cells.directory
    firsts = [directory.tally("cache", name) for name in directory.tallies("cache")]
    hits = sum(counted.total(first + cell) for first in firsts for cell in HITS)
    misses = sum(counted.total(first + cell) for first in firsts for cell in MISSES)
    return {"cache_lookups": hits + misses, "cache_hits": hits}


def _zone(counted: Counted, name: str, first: int) -> Row:
    def total(cell: int) -> int:
        return counted.total(first + cell)

    requests = total(ZoneCell.ZONE_REQUESTS)
    row: Row = {
        "pxname": name,
        "svname": "FRONTEND",
        "scur": total(ZoneCell.ZONE_PROCESSING),
        "smax": total(ZoneCell.ZONE_MOST),
        "stot": requests,
        "bin": total(ZoneCell.ZONE_RECEIVED),
        "bout": total(ZoneCell.ZONE_SENT),
        "status": "OPEN",
        "type": FRONTEND,
        "rate": total(ZoneCell.ZONE_RATE),
        "rate_lim": 0,
        "rate_max": total(ZoneCell.ZONE_RATE_MOST),
        "req_rate": total(ZoneCell.ZONE_RATE),
        "req_rate_max": total(ZoneCell.ZONE_RATE_MOST),
        "req_tot": requests,
        "mode": "http",
        "ssl_sess": total(ZoneCell.ZONE_HANDSHAKES),
        "ssl_reused_sess": total(ZoneCell.ZONE_SESSION_REUSES),
        "ssl_failed_handshake": total(ZoneCell.ZONE_HANDSHAKES_FAILED),
    }
    return row | classes(counted, first + ZoneCell.ZONE_1XX)


def classes(counted: Counted, first: int) -> Row:
    """Return the cells of answers by class; nobody answers with any other."""
    found = {name: counted.total(first + index) for index, name in enumerate(CLASSES)}
    return found | {"hrsp_other": 0}
