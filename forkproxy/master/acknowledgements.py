"""Answers that wait until every worker has carried out a change.

A worker writes the number of the last change it carried out on the scoreboard. Who asked is
answered when all have, or after two seconds with the names of those that have not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from forkproxy.master.decisions.situation import Situation
from forkproxy.master.reply import Reply
from forkproxy.shared.cells import Cells
from forkproxy.shared.scoreboard import Cell

PATIENCE = 2.0  # seconds
LOOK = 0.005  # seconds between two looks while somebody waits

Laggards = Callable[[], list[int]]  # pids of workers that are behind


@dataclass(frozen=True, slots=True)
class _Waiting:
    client: int
    reply: Reply
    laggards: Laggards
    ends_at: float


class Acknowledgements:
    """The answers that wait."""

    def __init__(self, answer: Callable[[int, Reply], object], clock: Callable[[], float]) -> None:
        self._answer = answer
        self._clock = clock
        self._waiting: list[_Waiting] = []

    def wait(self, client: int, reply: Reply, laggards: Laggards) -> Reply | None:
        """Return the answer if all workers have the change already, else give it later."""
        if not laggards():
            return reply
        self._waiting.append(_Waiting(client, reply, laggards, self._clock() + PATIENCE))
        return None

    def look(self) -> None:
        """Give the answers that need wait no longer."""
        now = self._clock()
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            behind = one.laggards()
            if behind and now < one.ends_at:
                self._waiting.append(one)
            else:
                self._answer(one.client, _late(one.reply, behind) if behind else one.reply)

    def wake_at(self) -> float:
        """Return when to look again; infinite for never."""
        return self._clock() + LOOK if self._waiting else float("inf")


def laggards(situation: Situation, cells: Cells, cell: Cell, number: int) -> list[int]:
    """Return the pids of the workers that have not carried out a change."""
    return [
        child.pid
        for child in situation.all_workers()
        if cells.board.value(child.spawn.row, cell) < number
    ]


def _late(reply: Reply, behind: list[int]) -> Reply:
    """Return an answer that names who is behind."""
    pids = ", ".join(map(str, behind))
    text = f"the change is made, but not yet carried out by workers {pids}"
    return replace(reply, text=text, data=None, status=504, code="WorkersBehind")
