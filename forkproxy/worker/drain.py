"""How a worker ends: no new connections, the open ones to their end, then it goes.

Connections that idle are kept for a short grace, so that a request already on its way is
answered. At the deadline what is left is closed.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from forkproxy import clock
from forkproxy.child.contract import Acceptor
from forkproxy.net import tasks

GRACE = 5.0  # seconds that an idle connection may stay
ORPHAN_LIMIT = 3.0  # seconds that a worker outlives its master
LOOK = 0.05  # seconds between two looks at whether all are gone


class Drain:
    """The end of one worker; `done` is called once, in the hub, when nothing is left.

    Attributes:
        listeners: the sockets it accepts from.
        closed: connections that did not end by themselves.
    """

    def __init__(
        self, acceptor: Acceptor, listeners: list[socket.socket], done: Callable[[], None]
    ) -> None:
        self.listeners = listeners
        self._acceptor = acceptor
        self._done = done
        self._deadline: float | None = None
        self._timer: tasks.Timer | None = None
        self.closed = 0

    @property
    def begun(self) -> bool:
        return self._timer is not None

    def begin(self, limit: float, grace: float = GRACE) -> None:
        """End within `limit` seconds, 0.0 for however long it takes.

        The first call begins; a later one may only shorten the time.
        """
        deadline = clock.monotonic() + limit if limit else None
        if self.begun:
            self._shorten(deadline)
            return
        self._deadline = deadline
        self._stop_accepting()
        self._acceptor.drain(min(grace, limit) if limit else grace)
        self._timer = tasks.Timer(LOOK, self._look)

    def _shorten(self, deadline: float | None) -> None:
        if deadline is not None and (self._deadline is None or deadline < self._deadline):
            self._deadline = deadline

    def stop(self) -> None:
        """End now."""
        self._stop_accepting()
        self._finish()

    def _stop_accepting(self) -> None:
        # A listener is open, and connections queue in it, for as long as any process has it.
        self._acceptor.stop_accepting()
        for sock in self.listeners:
            sock.close()

    def _look(self) -> None:
        late = self._deadline is not None and clock.monotonic() >= self._deadline
        if self._acceptor.finished() or late:
            self._finish()

    def _finish(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.closed = self._acceptor.connections()
        self._acceptor.close_all()
        self._done()
