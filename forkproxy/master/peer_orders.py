"""What the administrator has ordered of peers: in the master's row, for every worker to see.

At the start they come from the store, by way of the first keeper, or from the master before us.
"""

from __future__ import annotations

from collections.abc import Mapping

from forkproxy.shared.cells import Cells
from forkproxy.shared.scoreboard import Order, PeerCell


class PeerOrders:
    """The orders of all peers, also of those that no generation has named yet."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._waiting: dict[str, int] = {}
        self._taken = False

    def take(self, known: Mapping[str, int]) -> None:
        """Take what was known before us; once, for from then on we know better."""
        if not self._taken:
            self._taken = True
            self._waiting = {str(peer): int(order) for peer, order in known.items()}
            self.apply()

    def apply(self) -> None:
        """Give what was known to the peers that have come to the scoreboard."""
        for peer in self._cells.directory.peers():
            order = self._waiting.pop(peer, None)
            if order is not None:
                self._cells.store(self._column(peer), order)

    def give(self, peer: str, order: Order) -> None:
        """Order something of a peer. Raises KeyError where there is no such peer."""
        self._cells.store(self._column(peer), order)

    def given(self) -> dict[str, int]:
        """Return the orders that are not the usual one, by peer."""
        board, row = self._cells.board, self._cells.row
        here = {
            peer: board.value(row, self._column(peer)) for peer in self._cells.directory.peers()
        }
        orders = self._waiting | here
        return {peer: order for peer, order in orders.items() if order != Order.ORDER_READY}

    def _column(self, peer: str) -> int:
        return self._cells.peer(peer) + PeerCell.PEER_ORDER
