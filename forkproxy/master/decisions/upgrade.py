"""A new master that is brought up beside this one, with another program perhaps."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from forkproxy.master.decisions.deaths import how_ended
from forkproxy.master.decisions.situation import NEVER, Situation, State
from forkproxy.master.events import Exited, HandOver, Kill, TakeBack
from forkproxy.shared.errorlog import Level

UPGRADE_TIME = 60.0  # seconds a new master has to be ready


@dataclass(slots=True)
class Successor:
    """A new master; pid 0 until it is started."""

    fails_at: float
    clients: list[int]
    pid: int = 0
    ready: bool = False


class Upgrade:
    """Decides about the new master."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._successor: Successor | None = None

    def begin(self, client: int) -> None:
        """Start it."""
        if self._situation.state is not State.RUNNING:
            self._situation.refuse(client)
            return
        self._situation.state = State.UPGRADING
        self._successor = Successor(self._situation.now + UPGRADE_TIME, [client])
        self._situation.log(Level.NOTICE, "changing binary")
        self._situation.do(HandOver())

    def started(self, pid: int) -> None:
        """Take note of its pid."""
        if self._successor is None:
            self._situation.do(Kill(pid, signal.SIGTERM))
        else:
            self._successor.pid = pid

    def succeeds(self) -> bool:
        """Take note that it serves; tell whether it was to."""
        successor = self._successor
        if successor is None or self._situation.state is not State.UPGRADING:
            return False
        successor.ready = True
        text = f"the new master {successor.pid} serves"
        self._situation.log(Level.NOTICE, text)
        self._situation.answer(successor.clients, text)
        return True

    def fail(self, text: str) -> None:
        """Go on as the one master, if it does not serve yet."""
        successor, self._successor = self._successor, None
        if successor is None or successor.ready:
            return
        self._situation.log(Level.ERROR, f"upgrade failed: {text}")
        self._situation.state = State.RUNNING
        self._situation.do(TakeBack())
        self._situation.answer(successor.clients, text, done=False)

    def ended(self, event: Exited) -> bool:
        """Take note of an exit; tell whether it was that of the new master."""
        if self._successor is None or event.pid != self._successor.pid:
            return False
        self.fail(f"the new master {how_ended(event.status)}")
        return True

    def fail_late(self) -> None:
        """Kill it if its time is over."""
        if self.wake_at() <= self._situation.now:
            self._kill(signal.SIGKILL)
            self.fail(f"the new master was not ready within {UPGRADE_TIME:.0f} s")

    def stop(self) -> list[int]:
        """End it, unless it serves; return the clients that wait for it."""
        successor = self._successor
        if successor is None or successor.ready:
            return []
        self._kill(signal.SIGTERM)
        self._successor = None
        return successor.clients

    def _kill(self, number: int) -> None:
        if self._successor is not None and self._successor.pid:
            self._situation.do(Kill(self._successor.pid, number))

    def wake_at(self) -> float:
        """Return when its time is over; infinite for never."""
        successor = self._successor
        return successor.fails_at if successor is not None and not successor.ready else NEVER
