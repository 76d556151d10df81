"""How children begin and end, as far as they do as they are told; deaths.py has the others."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass

from forkproxy.master.decisions.situation import NEVER, Child, Situation, Stage
from forkproxy.master.events import Forked, Kill, Order, Role, Spawn, Tell
from forkproxy.shared.errorlog import Level

KEEPER_SLOT = -1
ROOM_DELAY = 0.1  # seconds until we look again whether a row is free
STOP_TIME = 5.0  # seconds from SIGTERM to SIGKILL
LATE = 5.0  # seconds a child may stay past its own deadline


@dataclass(frozen=True, slots=True)
class Due:
    """A child to be started, and when."""

    at: float
    role: Role
    slot: int
    generation: int


class Children:
    """Orders births, each with a row of the scoreboard for its own, and ends."""

    def __init__(self, situation: Situation, first_row: int, rows: int, keeper_row: int) -> None:
        """Give out the scoreboard's rows from `first_row` to before `rows` to workers."""
        self._situation = situation
        self._worker_rows = range(first_row, rows)
        self._keeper_row = keeper_row
        self._forking: dict[int, Spawn] = {}  # by row; ordered, and not yet answered
        self._due: list[Due] = []

    # Births.

    def spawn(self, role: Role, slot: int, generation: int, replaces: int = 0) -> None:
        """Order a birth, or a little later where no row is free."""
        row = self._keeper_row if role is Role.KEEPER else self._free_row()
        if row is None:
            self._end_oldest()
            self.spawn_later(ROOM_DELAY, role, slot, generation)
            return
        order = Spawn(role, slot, generation, row, replaces)
        self._forking[row] = order
        self._situation.do(order)

    def spawn_worker(self, slot: int, generation: int) -> None:
        """Order the birth of a worker."""
        self.spawn(Role.WORKER, slot, generation)

    def spawn_keeper(self) -> None:
        """Order the birth of the keeper of the generation that serves."""
        self.spawn(Role.KEEPER, KEEPER_SLOT, self._situation.generation)

    def spawn_later(self, delay: float, role: Role, slot: int, generation: int) -> None:
        """Order a birth in so many seconds, unless it is cancelled."""
        self._due.append(Due(self._situation.now + delay, role, slot, generation))

    def cancel(self, unwanted: Callable[[Due], bool]) -> None:
        """Order no such birth any more."""
        self._due = [due for due in self._due if not unwanted(due)]

    def cancel_all(self) -> None:
        """Order no later birth any more."""
        self._due = []

    def start_due(self) -> None:
        """Order the births whose time has come."""
        now = self._situation.now
        ripe = [due for due in self._due if due.at <= now]
        self._due = [due for due in self._due if due.at > now]
        for due in ripe:
            self.spawn(due.role, due.slot, due.generation)

    def forked(self, event: Forked) -> Child:
        """Take note of a birth."""
        self.not_forked(event.spawn)
        child = Child(event.pid, event.spawn, self._situation.now)
        child.requests_before = event.requests_before
        self._situation.children[event.pid] = child
        return child

    def not_forked(self, spawn: Spawn) -> None:
        """Take note that an order is answered."""
        self._forking.pop(spawn.row, None)

    def _free_row(self) -> int | None:
        children = self._situation.children.values()
        taken = {child.spawn.row for child in children} | self._forking.keys()
        return next((row for row in self._worker_rows if row not in taken), None)

    def _end_oldest(self) -> None:
        """End the oldest generation that drains, so that stuck ones cannot pile up."""
        draining = [
            child for child in self._situation.all_workers() if child.stage is Stage.DRAINING
        ]
        if not draining:
            return
        oldest = min(child.spawn.generation for child in draining)
        self._situation.log(Level.WARN, f"no room for another worker: ending generation {oldest}")
        for child in draining:
            if child.spawn.generation == oldest:
                self.end_fast(child)

    # Ends.

    def drain(self, child: Child) -> None:
        """Let a child finish what it has in hand."""
        if child.stage is Stage.DRAINING:
            return
        limit = self._situation.loaded[child.spawn.generation].shutdown_timeout
        if child.stage is not Stage.LOST:
            child.kill_at = self._situation.now + limit + LATE if limit else NEVER
        child.stage = Stage.DRAINING
        self._situation.do(Tell(child.pid, Order.DRAIN))

    def drain_workers(self, generation: int) -> None:
        """Let the workers of a generation finish."""
        for child in self._situation.workers_of(generation):
            self.drain(child)

    def end_fast(self, child: Child) -> None:
        """End a child at once."""
        child.stage = Stage.DRAINING
        child.kill_at = min(child.kill_at, self._situation.now + STOP_TIME)
        self._situation.do(Kill(child.pid, signal.SIGTERM))

    def end_generation(self, number: int) -> None:
        """End the children of a generation at once."""
        for child in self._situation.children.values():
            if child.spawn.generation == number:
                self.end_fast(child)

    def kill_late(self) -> None:
        """Kill who should be gone."""
        for child in self._situation.children.values():
            if self._situation.now >= child.kill_at:
                child.kill_at = self._situation.now + LATE
                self._situation.do(Kill(child.pid, signal.SIGKILL))

    # What there is.

    def nobody(self) -> bool:
        """Tell whether there is no child, and none on its way."""
        return not self._situation.children and not self._forking

    def generations(self) -> set[int]:
        """Return the numbers of the generations that somebody runs, or is about to."""
        used = {child.spawn.generation for child in self._situation.children.values()}
        return used | {spawn.generation for spawn in self._forking.values()}

    def wake_at(self) -> float:
        """Return when somebody is to be started or killed; infinite for never."""
        times = [child.kill_at for child in self._situation.children.values()]
        times += [due.at for due in self._due]
        return min(times, default=NEVER)
