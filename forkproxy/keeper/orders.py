"""What the administrator said of a peer, over a restart.

The master has the orders on the scoreboard, and may open no store: the keeper writes them
through, and tells a new master what the last one knew.
"""

from __future__ import annotations

from forkproxy.shared.cells import Cells
from forkproxy.shared.scoreboard import Order, PeerCell, Row
from forkproxy.shared.store import Environment

PREFIX = b"order/"


def load(store: Environment) -> dict[str, int]:
    """Return the orders that are not the usual one, by peer. Raises StoreError."""
    found = store.items(PREFIX)
    return {key[len(PREFIX) :].decode(): int(value) for key, value in found}


def save(store: Environment, cells: Cells) -> None:
    """Write what has changed on the scoreboard; peers it does not know stay. Raises StoreError."""
    known = load(store)
    put: dict[bytes, bytes] = {}
    delete: list[bytes] = []
    for peer in cells.directory.peers():
        order = cells.board.value(Row.MASTER, cells.peer(peer) + PeerCell.PEER_ORDER)
        if order == known.get(peer, Order.ORDER_READY):
            continue
        key = PREFIX + peer.encode()
        if order == Order.ORDER_READY:
            delete.append(key)
        else:
            put[key] = b"%d" % order
    if put or delete:
        store.change(put, delete)
