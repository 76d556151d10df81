"""What the API says of all that is counted by name: zones, caches, limits, resolvers.

Which there are is what features have asked to be counted (shared/tally.pyx).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forkproxy.master.api.call import Call
from forkproxy.master.api.general import DONE
from forkproxy.master.counted import Counted
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared.scoreboard import (
    CacheCell,
    LimitConnCell,
    LimitReqCell,
    ResolverCell,
    ZoneCell,
)

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
GAUGES = (ZoneCell.ZONE_PROCESSING,)
CACHE_GAUGES = (CacheCell.CACHE_SIZE, CacheCell.CACHE_MAX_SIZE, CacheCell.CACHE_COLD)

Show = Callable[[Counted, int, int], dict[str, Any]]  # of what begins at a column, for a version


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of things that are counted.

    Attributes:
        name: of its tallies.
        title, code: what is said where there is none of a name.
        show: what is said of one.
        cells, codes: what a reset begins anew.
    """

    name: str
    title: str
    code: str
    show: Show
    cells: tuple[int, ...]
    codes: int = -1

    def all(self, call: Call) -> Reply:
        """List all of them."""
        names = call.master.counted.cells.directory.tallies(self.name)
        return Reply(data=call.collection({name: self._show(call, name) for name in names}))

    def one(self, call: Call, name: str) -> Reply:
        """Return one of them."""
        self._first(call, name)
        return Reply(data=call.limited(self._show(call, name)))

    def reset(self, call: Call, name: str) -> Reply:
        """Count anew."""
        first = self._first(call, name)
        call.master.counted.reset(first + cell for cell in self.cells)
        if self.codes >= 0:
            call.master.counted.reset_statuses(first + self.codes)
        return DONE

    def _show(self, call: Call, name: str) -> dict[str, Any]:
        return self.show(call.master.counted, self._first(call, name), call.version)

    def _first(self, call: Call, name: str) -> int:
        try:
            return call.master.counted.cells.tally(self.name, name)
        except KeyError:
            raise Refused(f"{self.title} not found", self.code, 404) from None


def responses(counted: Counted, classes: int, codes: int, version: int) -> dict[str, Any]:
    """Return answers by class and status; `classes` and `codes` are their first columns."""
    found: dict[str, Any] = {
        name: counted.total(classes + index) for index, name in enumerate(CLASSES)
    }
    total = sum(found.values())
    if version >= 7:
        found["codes"] = {str(status): count for status, count in counted.statuses(codes).items()}
    return found | {"total": total}


def _location_zone(counted: Counted, first: int, version: int) -> dict[str, Any]:
    return {
        "requests": counted.total(first + ZoneCell.ZONE_REQUESTS),
        "responses": responses(
            counted, first + ZoneCell.ZONE_1XX, first + ZoneCell.ZONE_CODES, version
        ),
        "discarded": counted.total(first + ZoneCell.ZONE_DISCARDED),
        "received": counted.total(first + ZoneCell.ZONE_RECEIVED),
        "sent": counted.total(first + ZoneCell.ZONE_SENT),
    }


def _server_zone(counted: Counted, first: int, version: int) -> dict[str, Any]:
    found: dict[str, Any] = {"processing": counted.total(first + ZoneCell.ZONE_PROCESSING)}
    found |= _location_zone(counted, first, version)
    if version >= 8:
        found["ssl"] = {
            "handshakes": counted.total(first + ZoneCell.ZONE_HANDSHAKES),
            "handshakes_failed": counted.total(first + ZoneCell.ZONE_HANDSHAKES_FAILED),
            "session_reuses": counted.total(first + ZoneCell.ZONE_SESSION_REUSES),
        }
    return found


def _cache(counted: Counted, first: int, _version: int) -> dict[str, Any]:
    def total(cell: int) -> int:
        return counted.total(first + cell)

    found: dict[str, Any] = {
        "size": total(CacheCell.CACHE_SIZE),
        "cold": total(CacheCell.CACHE_COLD) > 0,
    }
    if most := total(CacheCell.CACHE_MAX_SIZE):
        found["max_size"] = most
    for name in ("hit", "stale", "updating", "revalidated"):
        cell = CacheCell[f"CACHE_{name.upper()}"]
        found[name] = {"responses": total(cell), "bytes": total(cell + 1)}
    for name in ("miss", "expired", "bypass"):
        cell = CacheCell[f"CACHE_{name.upper()}"]
        found[name] = {
            "responses": total(cell),
            "bytes": total(cell + 1),
            "responses_written": total(cell + 2),
            "bytes_written": total(cell + 3),
        }
    return found


def _plain(names: Mapping[str, int]) -> Show:
    """Return what shows numbers as they are."""

    def show(counted: Counted, first: int, _version: int) -> dict[str, Any]:
        return {name: counted.total(first + cell) for name, cell in names.items()}

    return show


def _resolver(counted: Counted, first: int, _version: int) -> dict[str, Any]:
    def totals(names: str) -> dict[str, int]:
        return {
            name: counted.total(first + ResolverCell[f"RESOLVER_{name.upper()}"])
            for name in names.split()
        }

    return {
        "requests": totals("name srv addr"),
        "responses": totals("noerror formerr servfail nxdomain notimp refused timedout unknown"),
    }


_COUNTED = tuple(cell for cell in ZoneCell if cell not in GAUGES and cell < ZoneCell.ZONE_RATE)
_SERVER_ZONES = Kind(
    "server_zone",
    "server zone",
    "ServerZoneNotFound",
    _server_zone,
    _COUNTED,
    ZoneCell.ZONE_CODES,
)
_LOCATION_ZONES = Kind(
    "location_zone",
    "location zone",
    "LocationZoneNotFound",
    _location_zone,
    _COUNTED,
    ZoneCell.ZONE_CODES,
)
_CACHES = Kind(
    "cache",
    "cache",
    "CacheNotFound",
    _cache,
    tuple(cell for cell in CacheCell if cell not in CACHE_GAUGES),
)
_LIMIT_REQS = Kind(
    "limit_req",
    "limit_req",
    "LimitReqNotFound",
    _plain({cell.name.removeprefix("LIMIT_REQ_").lower(): cell for cell in LimitReqCell}),
    tuple(LimitReqCell),
)
_LIMIT_CONNS = Kind(
    "limit_conn",
    "limit_conn",
    "LimitConnNotFound",
    _plain({cell.name.removeprefix("LIMIT_CONN_").lower(): cell for cell in LimitConnCell}),
    tuple(LimitConnCell),
)
_RESOLVERS = Kind(
    "resolver", "resolver zone", "ResolverZoneNotFound", _resolver, tuple(ResolverCell)
)

server_zones, server_zone, reset_server_zone = (
    _SERVER_ZONES.all,
    _SERVER_ZONES.one,
    _SERVER_ZONES.reset,
)
location_zones, location_zone, reset_location_zone = (
    _LOCATION_ZONES.all,
    _LOCATION_ZONES.one,
    _LOCATION_ZONES.reset,
)
caches, cache, reset_cache = _CACHES.all, _CACHES.one, _CACHES.reset
limit_reqs, limit_req, reset_limit_req = _LIMIT_REQS.all, _LIMIT_REQS.one, _LIMIT_REQS.reset
limit_conns, limit_conn, reset_limit_conn = (
    _LIMIT_CONNS.all,
    _LIMIT_CONNS.one,
    _LIMIT_CONNS.reset,
)
resolvers, resolver, reset_resolver = _RESOLVERS.all, _RESOLVERS.one, _RESOLVERS.reset
