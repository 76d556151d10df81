"""Totals that outlive a restart: how many connections and requests there have ever been.

Kept as sums in the store. A keeper adds what came since the last time, so two masters that run
at once, during an upgrade, count together and not over each other. How much of this master's
counts is in the sums stands on the scoreboard, where the next keeper finds it.
"""

from __future__ import annotations

from forkproxy.shared.cells import Cells
from forkproxy.shared.environment import Environment
from forkproxy.shared.scoreboard import Cell

PREFIX = b"total/"
# What is counted, what earlier runs had counted, and how much of ours is saved.
COUNTED = (
    (Cell.ACCEPTED, Cell.KEPT_ACCEPTED, Cell.SAVED_ACCEPTED),
    (Cell.HANDLED, Cell.KEPT_HANDLED, Cell.SAVED_HANDLED),
    (Cell.REQUESTS, Cell.KEPT_REQUESTS, Cell.SAVED_REQUESTS),
    (Cell.RESPAWNS, Cell.KEPT_RESPAWNS, Cell.SAVED_RESPAWNS),
)


def load(store: Environment, cells: Cells) -> None:
    """Show what earlier runs had counted; the first keeper of a master does. Raises StoreError."""
    if cells.board.value(cells.row, Cell.KEPT_LOADED):
        return
    for counted, kept, _ in COUNTED:
        cells.store(kept, _sum(store, counted))
    cells.store(Cell.KEPT_LOADED, 1)


def save(store: Environment, cells: Cells) -> None:
    """Add what came since the last time. Raises StoreError."""
    sums: dict[bytes, bytes] = {}
    saved: dict[Cell, int] = {}
    for counted, _, mark in COUNTED:
        now = cells.board.total(counted)
        new = now - cells.board.value(cells.row, mark)
        if new > 0:
            sums[_key(counted)] = b"%d" % (_sum(store, counted) + new)
            saved[mark] = now
    if sums:
        store.change(sums)
    for mark, now in saved.items():
        cells.store(mark, now)


def _sum(store: Environment, counted: Cell) -> int:
    return int(store.get(_key(counted)) or b"0")


def _key(counted: Cell) -> bytes:
    return PREFIX + counted.name.lower().encode()
