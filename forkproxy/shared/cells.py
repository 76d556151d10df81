"""Which number lives in which column of the scoreboard.

Columns are given out by name, by the master alone: two generations that run at once mean the same
by a column, and a peer keeps its numbers over a reload. Those of peers that nobody has any more are
given to others only when there are no new ones left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from forkproxy.errors import ConfigError
from forkproxy.shared.scoreboard import (
    Cell,
    PeerCell,
    Row,
    Scoreboard,
    StandingCell,
    UpstreamCell,
    Width,
    ZoneCell,
)

# Cells that count what is there now; a writer that dies leaves nothing there.
GAUGES = (Cell.BEAT, Cell.ACTIVE, Cell.READING, Cell.WRITING, Cell.WAITING)
# The same for tallies, by their kind.
TALLY_GAUGES: dict[str, tuple[int, ...]] = {
    "server_zone": (ZoneCell.ZONE_PROCESSING,),
    "location_zone": (ZoneCell.ZONE_PROCESSING,),
    "upstream": (UpstreamCell.UPSTREAM_IDLE, UpstreamCell.UPSTREAM_QUEUED),
}
COLUMNS = 1 << 20  # address space alone: a page that nobody touches costs nothing
FEWEST_COLUMNS = 1 << 14  # where there is not even that


class Directory:
    """The first column of each peer and of each tally, by their names."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._free = int(Cell.FIXED_CELLS)
        self._peers: dict[str, int] = {}
        self._tallies: dict[tuple[str, str], int] = {}
        self._spare: list[int] = []  # first columns that peers have left
        # Wipes and names the peers that nobody has any more, none of those given among them.
        self.reclaim: Callable[[Collection[str]], Iterable[str]] = lambda _wanted: ()

    def allot(self, peers: Iterable[str], tallies: Iterable[tuple[str, str]] = ()) -> None:
        """Give each peer, and each tally by kind and name, that has none its columns.

        Raises ConfigError, with nothing changed, where the scoreboard has too few of them left.
        """
        wanted = dict.fromkeys(peers)
        new = [peer for peer in wanted if peer not in self._peers]
        more = [key for key in dict.fromkeys(tallies) if key not in self._tallies]
        if len(new) > self._room(len(more)):
            self._spare += [self._peers.pop(peer) for peer in self.reclaim(wanted)]
        room = self._room(len(more))
        if len(new) > room:
            raise ConfigError(
                f"{len(new)} new peers, but room for {room}",
                hint="peers of workers that drain count too, and those with requests under way",
            )
        for key in more:
            self._tallies[key] = self._take(Width.TALLY_CELLS)
        for peer in new:
            spare = self._spare.pop() if self._spare else -1
            self._peers[peer] = spare if spare >= 0 else self._take(PeerCell.PEER_CELLS)

    def _room(self, tallies: int) -> int:
        """Return how many peers more have room beside so many new tallies."""
        left = self._columns - self._free - tallies * Width.TALLY_CELLS
        return max(0, left // PeerCell.PEER_CELLS) + len(self._spare)

    def _take(self, cells: int) -> int:
        first = self._free
        self._free += cells
        return first

    def learn(self, peer: str, first: int) -> None:
        """Note the columns that the master gave a peer after our process began."""
        self._peers[peer] = first

    def first(self, peer: str) -> int:
        """Return the first column of a peer; KeyError where it has none."""
        return self._peers[peer]

    def peers(self) -> tuple[str, ...]:
        """Return the names of all peers, oldest first."""
        return tuple(self._peers)

    def tally(self, kind: str, name: str) -> int:
        """Return the first column of a tally; KeyError where it has none."""
        return self._tallies[kind, name]

    def tallies(self, kind: str) -> tuple[str, ...]:
        """Return the names of all tallies of a kind, oldest first."""
        return tuple(name for known, name in self._tallies if known == kind)


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

    def tally(self, kind: str, name: str) -> int:
        """Return the first column of a tally; add its kind's cell to it."""
        return self.directory.tally(kind, name)

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
            self.board.store(row, self.peer(peer) + PeerCell.PEER_IDLE, 0)
            active = self.peer(peer) + PeerCell.PEER_ACTIVE
            lost = self.board.value(row, active)
            if lost:
                self.board.store(row, active, 0)
                in_flight = StandingCell.STANDING_IN_FLIGHT
                self.board.standing_add(self.peer(peer), in_flight, -lost)
        for kind, gauges in TALLY_GAUGES.items():
            for name in self.directory.tallies(kind):
                for gauge in gauges:
                    self.board.store(row, self.tally(kind, name) + gauge, 0)


def make(workers: int, columns: int = COLUMNS) -> Cells:
    """Return the cells of a new master, with rows for so many workers, draining ones included.

    Where the machine has no address space for as many columns, there are fewer.
    """
    while True:
        try:
            board = Scoreboard(Row.FIRST_WORKER + workers, columns)
            break
        except OSError:
            if columns <= FEWEST_COLUMNS:
                raise
            columns //= 2
    return Cells(board, Row.MASTER, Directory(board.columns))
