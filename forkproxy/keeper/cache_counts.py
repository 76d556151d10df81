"""What caches have counted, as the scoreboard shows it to whoever asks the master.

Workers count in a zone's own shared memory, which a reload keeps. The keeper carries over what came
since it looked last; so a worker counts once, and a new keeper goes on where the former was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forkproxy.cache import shelf
from forkproxy.cache.zone import Zone
from forkproxy.shared.cells import Cells
from forkproxy.shared.scoreboard import CacheCell

SERVED = ("hit", "stale", "updating", "revalidated")
FETCHED = ("miss", "expired", "bypass")


class CacheCounts:
    """Of one zone."""

    def __init__(self, zone: Zone, cells: Cells) -> None:
        self._zone = zone
        self._cells = cells
        self._first = cells.tally("cache", zone.name)
        board = cells.board
        self._shown = {
            cell: min(count, board.total(self._first + cell))
            for cell, count in _counted(zone.counts())
        }

    def show(self) -> None:
        """Carry over what came since the last call. Not in the hub: the store may be opened."""
        for cell, count in _counted(self._zone.counts()):
            if more := count - self._shown[cell]:
                self._cells.add(self._first + cell, more)
                self._shown[cell] = count
        store = self._zone.opened()
        octets = 0
        if store is not None:
            with store.reading() as tables:
                octets = shelf.sums(tables)[1]
        self._cells.store(self._first + CacheCell.CACHE_SIZE, octets)
        most = self._zone.settings.max_size or 0
        self._cells.store(self._first + CacheCell.CACHE_MAX_SIZE, most)


def _counted(counts: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Yield cells and what has been counted for them."""
    for name in SERVED + FETCHED:
        cell = CacheCell[f"CACHE_{name.upper()}"]
        yield cell, counts["answers"][name]["responses"]
        yield cell + 1, counts["answers"][name]["bytes"]
        if name in FETCHED:
            yield cell + 2, counts["written"][name]["responses"]
            yield cell + 3, counts["written"][name]["bytes"]
