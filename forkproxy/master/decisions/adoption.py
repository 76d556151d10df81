"""Sockets of a slot that has no worker, where each slot has its own (`reuseport`).

The kernel lets connections queue there whether anybody accepts them or not: so a neighbour does.
"""

from __future__ import annotations

from forkproxy.master.decisions.situation import Situation, Stage
from forkproxy.master.events import Order, Tell


class Adoption:
    """Who accepts for whom."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._adopted: dict[int, int] = {}  # by slot without a worker: the pid that accepts for it

    def adopt(self, slot: int) -> None:
        """Let a neighbour accept for a slot."""
        situation = self._situation
        if not situation.loaded[situation.generation].own_sockets:
            return
        workers = situation.current_workers()
        neighbour = next((child for child in workers if child.stage is Stage.READY), None)
        if neighbour is not None:
            self._adopted[slot] = neighbour.pid
            situation.do(Tell(neighbour.pid, Order.ADOPT, slot))

    def adopt_again(self, pid: int) -> None:
        """Let others accept for the slots for which a worker did that is gone."""
        for slot in [slot for slot, who in self._adopted.items() if who == pid]:
            del self._adopted[slot]
            self.adopt(slot)

    def release(self, slot: int) -> None:
        """Give a slot back to its own worker."""
        pid = self._adopted.pop(slot, None)
        if pid in self._situation.children:
            self._situation.do(Tell(pid, Order.RELEASE, slot))

    def forget(self) -> None:
        """Begin anew with another generation: it has slots of its own."""
        self._adopted = {}
