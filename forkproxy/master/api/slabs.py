"""Zones of shared memory in the API, as if they were cut into slabs as nginx's are.

A table of limits has slots of one size; a keyval zone has them of several (master/room.py).
"""

from __future__ import annotations

from typing import Any

from forkproxy.master.api.call import Call
from forkproxy.master.api.general import DONE
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.room import PAGE, Room
from forkproxy.shared.counters import CountTable, Table, tables_of
from forkproxy.shared.rates import RateTable

SLOT = 16  # octets of a key in a table of limits: a tag and a state


def slabs(call: Call) -> Reply:
    """Return all zones."""
    return Reply(data=call.collection({name: _shown(one) for name, one in _zones(call).items()}))


def slab(call: Call, zone: str) -> Reply:
    """Return one of them."""
    return Reply(data=call.limited(_shown(_one(call, zone))))


def reset(call: Call, zone: str) -> Reply:
    """Count anew how many slots were asked for."""
    _one(call, zone).ask_anew()
    return DONE


def _zones(call: Call) -> dict[str, Table | Room]:
    found: dict[str, Table | Room] = {}
    for kind in (RateTable, CountTable):
        found |= {table.name: table for table in tables_of(kind)}
    return {**found, **call.master.keyvals.rooms()}


def _one(call: Call, zone: str) -> Table | Room:
    try:
        return _zones(call)[zone]
    except KeyError:
        raise Refused("slab not found", "SlabNotFound", 404) from None


def _shown(zone: Table | Room) -> dict[str, Any]:
    if isinstance(zone, Room):
        return _slab(zone.used(), zone.pages, zone.slots())
    used, pages = len(zone), max(1, zone.size // PAGE)
    taken = -(-used * pages // zone.slots)
    return _slab(taken, pages, {SLOT: (used, zone.slots - used, *zone.asked())})


def _slab(used: int, pages: int, slots: dict[int, tuple[int, int, int, int]]) -> dict[str, Any]:
    names = ("used", "free", "reqs", "fails")
    return {
        "pages": {"used": used, "free": max(0, pages - used)},
        "slots": {str(size): dict(zip(names, row, strict=True)) for size, row in slots.items()},
    }
