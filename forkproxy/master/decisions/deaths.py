"""Children that die, or have to: who is killed, who is replaced, and when.

One that had lived for a minute is replaced at once, one that keeps dying ever more slowly.
"""

from __future__ import annotations

import signal

from forkproxy.master.decisions.adoption import Adoption
from forkproxy.master.decisions.children import KEEPER_SLOT, Children
from forkproxy.master.decisions.situation import Child, Situation, Stage, State
from forkproxy.master.events import Heavy, Kill, Role, Spawn
from forkproxy.shared.errorlog import Level

STEADY = 60.0  # seconds of life after which a death is the first again
FIRST_DELAY = 0.1  # seconds before the second attempt in a row
LAST_DELAY = 30.0
STACK_TIME = 5.0  # seconds from SIGABRT, for the stack dump, to SIGKILL


class Deaths:
    """Decides what follows upon a death."""

    def __init__(self, situation: Situation, children: Children, adoption: Adoption) -> None:
        self._situation = situation
        self._children = children
        self._adoption = adoption
        self._in_a_row: dict[int, int] = {}  # by slot

    def forget(self) -> None:
        """Begin anew with another generation."""
        self._in_a_row = {}

    def replace_heavy(self, event: Heavy) -> None:
        """Replace a worker that has grown, gracefully; it serves until the other is ready."""
        situation = self._situation
        child = situation.children.get(event.pid)
        if child is None or child.stage is not Stage.READY or self._has_successor(event.pid):
            return
        if situation.state is State.RUNNING and child.spawn.generation == situation.generation:
            situation.log(Level.NOTICE, f"replacing worker {event.pid}: {event.text}")
            slot = child.spawn.slot
            self._children.spawn(Role.WORKER, slot, situation.generation, replaces=event.pid)

    def abort_silent(self, pid: int) -> None:
        """Have a child that does not answer show its stack, and kill it then."""
        situation = self._situation
        child = situation.children.get(pid)
        if child is None or child.stage is Stage.LOST:
            return
        name = f"{child.spawn.role.value} process {pid}"
        situation.log(Level.ALERT, f"{name} does not answer: its stack follows, then it is killed")
        situation.do(Kill(pid, signal.SIGABRT))
        child.kill_at = min(child.kill_at, situation.now + STACK_TIME)
        if child.stage is not Stage.DRAINING:
            child.stage = Stage.LOST

    def log(self, child: Child, status: int) -> None:
        """Say how a child ended."""
        expected = status == 0 and child.stage is Stage.DRAINING
        reason = f": {child.reason}" if child.reason else ""
        # What counts workers by nginx's words for their end must not count the keeper among them.
        how = how_ended(status) if status or child.worker else "is done"
        text = f"{child.spawn.role.value} process {child.pid} {how}{reason}"
        self._situation.log(Level.NOTICE if expected else Level.ALERT, text)

    def replace(self, child: Child) -> None:
        """Let another take the place of a child that is gone, unless one has it or is told to."""
        if child.stage is Stage.DRAINING:
            if not child.worker:
                self._children.spawn_keeper()
        elif child.spawn.replaces in self._situation.children:
            pass  # the replacement died; the one to be replaced is still there
        elif not self._has_successor(child.pid):
            self.respawn(child.spawn, self._situation.now - child.born)

    def _has_successor(self, pid: int) -> bool:
        """Tell whether another worker has, or is taking, the place of one."""
        return any(other.spawn.replaces == pid for other in self._situation.children.values())

    def respawn(self, spawn: Spawn, lived: float) -> None:
        """Fill a slot whose child lived for so many seconds, 0.0 where it was not even born."""
        situation, slot = self._situation, spawn.slot
        deaths = 1 if lived >= STEADY else self._in_a_row.get(slot, 0) + 1
        self._in_a_row[slot] = deaths
        situation.respawned += 1
        if deaths == 1:
            self._children.spawn(spawn.role, slot, situation.generation)
            return
        delay = min(FIRST_DELAY * 2.0 ** (deaths - 2), LAST_DELAY)
        self._children.spawn_later(delay, spawn.role, slot, situation.generation)
        if slot != KEEPER_SLOT:
            self._adoption.adopt(slot)


def how_ended(status: int) -> str:
    """Say how a process ended, in nginx's words."""
    return f"exited on signal {-status}" if status < 0 else f"exited with code {status}"
