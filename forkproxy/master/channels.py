"""The channels to our children: what we tell them, and what they say."""

from __future__ import annotations

import contextlib
import selectors
import signal
from collections.abc import Callable, Iterable, Sequence

from forkproxy.master.decisions.situation import Situation
from forkproxy.master.events import Order
from forkproxy.master.forks import kill
from forkproxy.shared import channel
from forkproxy.shared.channel import Channel, ChannelError, Message
from forkproxy.shared.errorlog import log


class Channels:
    """Our end of each, by the child's pid."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        situation: Situation,
        understand: Callable[[int, Message], None],
    ) -> None:
        """`understand` takes what the child of a pid says."""
        self._selector = selector
        self._situation = situation
        self._understand = understand
        self._ends: dict[int, Channel] = {}

    def open(self, pid: int, end: Channel) -> None:
        """Listen to a child."""
        self._ends[pid] = end
        self._selector.register(end.fileno(), selectors.EVENT_READ, lambda: self.hear(pid))

    def close(self, pid: int) -> None:
        """Forget a child that is gone."""
        if pid in self._ends:
            self._hang_up(pid)
            self._ends.pop(pid).close()

    def leave(self) -> None:
        """Close our descriptors and touch nothing else: in a child."""
        for end in self._ends.values():
            end.close()

    def pids(self) -> Iterable[int]:
        """Return who has a channel."""
        return self._ends.keys()

    # What children say.

    def hear(self, pid: int) -> None:
        """Take all that a child has said."""
        end = self._ends.get(pid)
        if end is None:
            return
        while True:
            try:
                heard = end.receive()
            except BlockingIOError:
                return
            except ChannelError as error:
                log.alert(f"from process {pid}: {error}")
                continue
            if heard is None:
                self._hang_up(pid)
                return
            message, descriptors = heard
            channel.close_all(descriptors)
            self._understand(pid, message)

    def _hang_up(self, pid: int) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._ends[pid].fileno())

    # What they are told. One that is gone does not hear it.

    def say(self, pid: int, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Say something to a child; the descriptors stay ours."""
        with contextlib.suppress(KeyError, ChannelError):
            self._ends[pid].send(message, descriptors)

    def order(self, pid: int, order: Order, slot: int, sockets: Sequence[tuple[str, int]]) -> None:
        """Give an order of the supervisor's; `sockets` are texts and descriptors to go with it."""
        message: Message = {"order": order.value}
        if slot >= 0:
            message["slot"] = slot
        if order is Order.ADOPT:
            message["texts"] = [text for text, _ in sockets]
        try:
            self._ends[pid].send(message, [descriptor for _, descriptor in sockets])
        except (KeyError, ChannelError):
            if order is Order.DRAIN:
                kill(pid, signal.SIGQUIT)

    def tell_keeper(self, message: Message) -> None:
        """Say something to the keeper, if there is one just now."""
        for child in self._situation.keepers():
            self.say(child.pid, message)

    def tell_workers(self, message: Message) -> None:
        """Say something to all workers, to those that drain too."""
        for child in self._situation.all_workers():
            self.say(child.pid, message)

    def tell_all(self, message: Message) -> None:
        """Say something to all children."""
        self.tell_workers(message)
        self.tell_keeper(message)
