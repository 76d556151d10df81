"""The masters before and after this one, while an upgrade is under way."""

from __future__ import annotations

import contextlib
import os
import selectors
from collections.abc import Callable

from forkproxy.master import systemd, upgrade
from forkproxy.master.events import Event, HandedOver, HandOverFailed, TakenOver
from forkproxy.master.listeners import Listeners
from forkproxy.shared.channel import Channel, ChannelError


class Succession:
    """The channels to both.

    Attributes:
        over: another master serves in our place.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        listeners: Listeners,
        happened: Callable[[Event], None],
    ) -> None:
        """`happened` is told when the new master serves."""
        self.over = False
        self._selector = selector
        self._listeners = listeners
        self._happened = happened
        self._predecessor: Channel | None = None
        self._successor: Channel | None = None

    def leave(self) -> None:
        """Close our descriptors: in a child."""
        for end in (self._predecessor, self._successor):
            if end is not None:
                end.close()

    # The one before.

    @property
    def follows(self) -> bool:
        """Whether there is a master whose place we are about to take."""
        return self._predecessor is not None

    def follow(self, predecessor: Channel) -> dict[str, str]:
        """Be the successor of the master at the other end; return what it has kept."""
        self._predecessor = predecessor
        return upgrade.read_kept(predecessor)

    def serve(self) -> None:
        """Tell the one before that we serve."""
        if self._predecessor is not None:
            with contextlib.suppress(ChannelError):
                self._predecessor.send({"serves": os.getpid()})
            self._predecessor.close()
            self._predecessor = None

    # The one after.

    def hand_over(self, kept: dict[str, str]) -> HandedOver | HandOverFailed:
        """Start it, with what it is to know."""
        try:
            pid, self._successor = upgrade.start(self._listeners, kept)
        except upgrade.UpgradeError as error:
            return HandOverFailed(str(error))
        self._selector.register(self._successor.fileno(), selectors.EVENT_READ, self._hear)
        return HandedOver(pid)

    def _hear(self) -> None:
        assert self._successor is not None
        try:
            heard = self._successor.receive()
        except (BlockingIOError, ChannelError):
            return
        self._selector.unregister(self._successor.fileno())
        self._successor.close()
        self._successor = None
        if heard is not None and "serves" in heard[0]:
            systemd.successor(int(heard[0]["serves"]))
            self.over = True
            self._listeners.release()
            self._happened(TakenOver())
