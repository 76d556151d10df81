"""Which number lives in which column of the scoreboard.

Columns are given out by name, by the master alone, and only ever appended: two generations that
run at once mean the same by a column, and a peer keeps its numbers over a reload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forkproxy.errors import ConfigError
from forkproxy.shared.scoreboard import Cell, PeerCell, Row, Scoreboard

# Cells that count what is there now; a writer that dies leaves nothing there.
GAUGES = (Cell.BEAT, Cell.ACTIVE, Cell.READING, Cell.WRITING, Cell.WAITING)
PEER_GAUGES = (PeerCell.PEER_ACTIVE,)


class Directory:
    """The first column of each peer, by the peer's name."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._free = int(Cell.FIXED_CELLS)
        self._firsts: dict[str, int] = {}

    def allot(self, peers: Iterable[str]) -> None:
        """Give each peer that has none its columns.

        Raises ConfigError, with nothing changed, where the scoreboard has too few of them left.
        """
        new = [peer for peer in dict.fromkeys(peers) if peer not in self._firsts]
        if self._free + len(new) * PeerCell.PEER_CELLS > self._columns:
            room = (self._columns - self._free) // PeerCell.PEER_CELLS
            raise ConfigError(
                f"{len(new)} new peers, but room for {room}",
                hint="peers of earlier configurations count too: `forkproxy upgrade` forgets them",
            )
        for peer in new:
            self._firsts[peer] = self._free
            self._free += PeerCell.PEER_CELLS

    def first(self, peer: str) -> int:
        """Return the first column of a peer; KeyError where it has none."""
        return self._firsts[peer]

    def peers(self) -> tuple[str, ...]:
        """Return the names of all peers, oldest first."""
        return tuple(self._firsts)


@dataclass(frozen=True, slots=True)
class Cells:
    """The scoreboard as one process sees it: the table, its own row, and what the columns mean."""

    board: Scoreboard
    row: int
    directory: Directory

    def of(self, row: int) -> Cells:
        """Return the same table, seen by the writer of another row."""
        return Cells(self.board, row, self.directory)

    def peer(self, name: str) -> int:
        """Return the first column of the peer "upstream/address"; add a PeerCell to it."""
        return self.directory.first(name)

    def add(self, cell: int, amount: int = 1) -> None:
        """Add to a cell of our own."""
        self.board.add(self.row, cell, amount)

    def store(self, cell: int, value: int) -> None:
        """Set a cell of our own."""
        self.board.store(self.row, cell, value)

    def bury(self, row: int) -> None:
        """Zero what a dead writer had in hand; its counters stay, so that totals never go back."""
        for cell in GAUGES:
            self.board.store(row, cell, 0)
        for peer in self.directory.peers():
            for offset in PEER_GAUGES:
                self.board.store(row, self.peer(peer) + offset, 0)


def make(workers: int, columns: int = 65536) -> Cells:
    """Return the cells of a new master, with rows for so many workers, draining ones included."""
    board = Scoreboard(Row.FIRST_WORKER + workers, columns)
    return Cells(board, Row.MASTER, Directory(board.columns))
