"""What is seen once a second of all that workers count: rates, averages, the most ever."""

from __future__ import annotations

from collections.abc import Sequence

from forkproxy import clock
from forkproxy.shared.cells import Cells
from forkproxy.shared.paces import Paces
from forkproxy.shared.scoreboard import Cell, ZoneCell
from forkproxy.upstream.member import cells_name
from forkproxy.upstream.upstream import Upstream


class Looks:
    """Looks at everything that a generation counts."""

    def __init__(self, cells: Cells, upstreams: Sequence[Upstream]) -> None:
        self._cells = cells
        self._upstreams = upstreams
        self._paces = Paces(cells.board, cells.row)

    def look(self) -> None:
        """See by how much all has grown; once a second."""
        self._paces.begin(clock.monotonic())
        self._paces.rate(Cell.ACCEPTED, Cell.CONNECTION_RATE)
        self._paces.rate(Cell.REQUESTS, Cell.REQUEST_RATE)
        self._paces.most(Cell.ACTIVE, Cell.ACTIVE_MOST)
        directory = self._cells.directory
        for name in directory.tallies("server_zone"):
            first = directory.tally("server_zone", name)
            self._paces.rate(first + ZoneCell.ZONE_REQUESTS, first + ZoneCell.ZONE_RATE)
            self._paces.most(first + ZoneCell.ZONE_PROCESSING, first + ZoneCell.ZONE_MOST)
        wall = int(clock.wall() * 1000)
        for upstream in self._upstreams:
            columns = [
                directory.first(cells_name(upstream.name, peer.member)) for peer in upstream.peers
            ]
            self._paces.upstream(columns, self._tally(upstream.name), wall)

    def _tally(self, upstream: str) -> int:
        try:
            return self._cells.directory.tally("upstream", upstream)
        except KeyError:
            return -1  # without a zone
