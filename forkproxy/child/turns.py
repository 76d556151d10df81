"""What a child does about the turns of its loop: counts them, and says where one took too long."""

from __future__ import annotations

from forkproxy import clock
from forkproxy.net import turns
from forkproxy.shared.cells import Cells
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell, Row

TOO_LONG = 0.1  # seconds; HAProxy's default for the same
BETWEEN = 60.0  # seconds between two lines


class Turns:
    """Those of this process, from now on."""

    def __init__(self, cells: Cells) -> None:
        own, orders = cells.board.row(cells.row), cells.board.row(Row.MASTER)
        turns.count_in(own[Cell.TURNS : Cell.FIXED_CELLS], orders[Cell.PROFILING :])
        turns.longest()
        self._said_at = -BETWEEN
        self._looked_at = clock.monotonic()
        self._spent = turns.spent()

    def look(self) -> None:
        """See whether one took too long since the last look; say so, but not all the time."""
        now, longest, spent = clock.monotonic(), turns.longest(), turns.spent()
        if longest >= TOO_LONG and now - self._said_at >= BETWEEN:
            self._said_at = now
            (run, delay), (run_before, delay_before) = spent, self._spent
            log.warn(
                f"the loop was held up for {longest * 1e3:.0f} ms;"
                f" in the last {(now - self._looked_at) * 1e3:.0f} ms its thread ran for"
                f" {(run - run_before) * 1e3:.0f} and waited for a processor for"
                f" {(delay - delay_before) * 1e3:.0f}"
            )
        self._looked_at, self._spent = now, spent
