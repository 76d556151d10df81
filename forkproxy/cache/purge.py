"""Purges: of one key, of whatever is chosen, of everything; hard or soft.

Each is a function of a shelf that returns how many entries it met. It is done in one transaction by
the scribe of a worker, or by the keeper; what is fetched meanwhile is not stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from forkproxy import clock
from forkproxy.cache.choice import Choice, of_all
from forkproxy.cache.job import Job
from forkproxy.cache.scribe import scribe
from forkproxy.cache.shelf import Shelf

if TYPE_CHECKING:
    from forkproxy.cache.zone import Zone

Purge = Callable[[Shelf], int]


def one(key: bytes, soft: bool) -> Purge:
    """What lies under a key, all its variants."""
    return lambda shelf: shelf.delete(key, soft=_moment(soft))


def chosen(which: Choice, soft: bool) -> Purge:
    """What an order means."""
    return lambda shelf: _each(shelf, which(shelf), soft)


def everything(soft: bool) -> Purge:
    """All there is."""
    if soft:
        return chosen(of_all(), soft)
    return lambda shelf: shelf.clear()


def _each(shelf: Shelf, keys: list[bytes], soft: bool) -> int:
    moment = _moment(soft)
    return sum(shelf.delete_one(key, moment) for key in keys)


def _moment(soft: bool) -> float:
    return clock.wall() if soft else 0.0


def submit(
    zone: Zone, kind: Purge, done: Callable[[Any], None] | None, key: bytes | None = None
) -> bool:
    """Have the scribe purge; `done` is called in its thread with how many, or what it raised.

    `key` is the only one it meets, where that is so. False where too much waits to be written.
    """
    zone.note_purge(key)
    return scribe.submit(Job(zone, 0, kind, done or _ignore))


def _ignore(_outcome: object) -> None:
    pass
