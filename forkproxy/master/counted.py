"""Sums over the scoreboard, since the administrator last reset them.

Each cell has one writer, and the master is none of the workers: so a reset zeroes nothing, it
notes what there was. Totals of the whole life stay what they are elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from forkproxy.master.pace import Pace
from forkproxy.shared.cells import Cells
from forkproxy.shared.scoreboard import PeerCell, SslCell
from forkproxy.shared.tally import statuses


class Counted:
    """What was counted, less what there was at the last reset.

    Attributes:
        handshakes: how many with clients were completed in a second.
        keys: how many of them in full, without a session.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.handshakes = Pace()
        self.keys = Pace()
        self._totals: dict[int, int] = {}
        self._values: dict[tuple[int, int], int] = {}
        self._statuses: dict[int, dict[int, int]] = {}

    def total(self, column: int) -> int:
        """Return the sum over all rows."""
        return self.cells.board.total(column) - self._totals.get(column, 0)

    def ssl(self, cell: int) -> int:
        """Return a sum of the handshakes with all clients."""
        try:
            return self.total(self.cells.tally("ssl", "") + cell)
        except KeyError:
            return 0  # no server speaks TLS

    def look(self, now: float) -> None:
        """See how fast things go; once a second."""
        made = self.ssl(SslCell.SSL_HANDSHAKES)
        self.handshakes.look(made, now)
        self.keys.look(made - self.ssl(SslCell.SSL_SESSION_REUSES), now)

    def forget_paces(self) -> None:
        """Begin anew with the fastest that things ever went."""
        self.handshakes.most = self.handshakes.now
        self.keys.most = self.keys.now

    def value(self, row: int, column: int) -> int:
        """Return one cell."""
        return max(0, self.cells.board.value(row, column) - self._values.get((row, column), 0))

    def statuses(self, first: int) -> dict[int, int]:
        """Return how often each status occurred; `first` is the first cell of codes."""
        before = self._statuses.get(first, {})
        now = statuses(self.cells.board, first)
        left = {status: count - before.get(status, 0) for status, count in sorted(now.items())}
        return {status: count for status, count in left.items() if count}

    def reset(self, columns: Iterable[int]) -> None:
        """Begin anew with these columns; not with gauges, which show what is there now."""
        for column in columns:
            self._totals[column] = self.cells.board.total(column)

    def reset_values(self, row: int, columns: Iterable[int]) -> None:
        """Begin anew with these cells of one row."""
        for column in columns:
            self._values[row, column] = self.cells.board.value(row, column)

    def forget(self, first: int) -> None:
        """Forget what there was of a peer: its columns are somebody else's now."""
        ours = range(first, first + PeerCell.PEER_CELLS)
        for column in ours:
            self._totals.pop(column, None)
            self._statuses.pop(column, None)
        values = self._values.items()
        self._values = {place: value for place, value in values if place[1] not in ours}

    def reset_statuses(self, first: int) -> None:
        """Begin anew with the statuses from a cell on."""
        self._statuses[first] = statuses(self.cells.board, first)
