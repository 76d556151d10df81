"""Columns of the scoreboard that are given to others, once nobody counts in them any more."""

from __future__ import annotations

from collections.abc import Collection

from forkproxy.master.acknowledgements import laggards
from forkproxy.master.counted import Counted
from forkproxy.master.holdings import Holdings
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell


class Columns:
    """Takes columns back when there are none left to give."""

    def __init__(self, holdings: Holdings, counted: Counted) -> None:
        self._situation = holdings.situation
        self._cells = holdings.cells
        self._roster = holdings.remembered.roster
        self._counted = counted

    def reclaim(self, wanted: Collection[str]) -> list[str]:
        """Wipe the columns of peers that nobody has any more, and return whose they were."""
        if laggards(self._situation, self._cells, Cell.PEERS_APPLIED, self._roster.number):
            return []
        found = self._roster.unused(wanted)
        for name in found:
            first = self._cells.peer(name)
            self._cells.board.wipe(first)
            self._counted.forget(first)
        if found:
            log.notice(f"{len(found)} peers that are gone make room for others on the scoreboard")
        return found
