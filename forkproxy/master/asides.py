"""Answers that take more than a moment to make: a child makes them, and the master goes on.

The child has all that the master knew when it was forked, and what all processes share. It writes
the content of its answer into a file in memory, which is passed on as it is, and says by its
channel when it has done so.
"""

from __future__ import annotations

import os
import selectors
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import setproctitle

from forkproxy.master import forks
from forkproxy.master.api.http import body_of
from forkproxy.master.reply import Reply
from forkproxy.shared import signals
from forkproxy.shared.channel import Channel, ChannelError, pair
from forkproxy.shared.errorlog import log

AT_ONCE = 2  # children
MOST_WAITING = 32
WITHIN = 10.0  # seconds for one of them
BUSY = Reply("too many such questions at once", status=503, code="Busy")
FAILED = Reply("internal error", status=500)
LATE = Reply("the answer took too long", status=504, code="Timeout")

Make = Callable[[], Reply]


@dataclass(slots=True)
class _Aside:
    """A child at work."""

    client: int
    pid: int
    channel: Channel
    file: BinaryIO
    ends_at: float


class Asides:
    """The children at work, and the questions that wait for one to end."""

    def __init__(
        self,
        selector: selectors.BaseSelector,
        answer: Callable[[int, Reply], None],
        clock: Callable[[], float],
    ) -> None:
        self._selector = selector
        self._answer = answer
        self._clock = clock
        self._working: list[_Aside] = []
        self._waiting: deque[tuple[int, Make]] = deque()

    def ask(self, client: int, make: Make) -> Reply | None:
        """Have `make` called in a child, and its answer given later; or refuse now."""
        if len(self._working) < AT_ONCE:
            self._begin(client, make)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append((client, make))
        else:
            return BUSY
        return None

    def _begin(self, client: int, make: Make) -> None:
        ours, theirs = pair()
        file = os.fdopen(os.memfd_create("answer"), "w+b")
        pid = forks.child(lambda: _work(make, file, theirs))
        theirs.close()
        aside = _Aside(client, pid, ours, file, self._clock() + WITHIN)
        self._working.append(aside)
        self._selector.register(ours.fileno(), selectors.EVENT_READ, lambda: self._hear(aside))

    def _hear(self, aside: _Aside) -> None:
        try:
            heard = aside.channel.receive()
        except (BlockingIOError, ChannelError):
            heard = None
        reply = FAILED
        if heard is not None:
            said = heard[0]
            reply = Reply(
                status=int(said["status"]), content_type=str(said["type"]), file=aside.file
            )
        self._end(aside, reply)

    def _end(self, aside: _Aside, reply: Reply) -> None:
        self._working.remove(aside)
        self._selector.unregister(aside.channel.fileno())
        aside.channel.close()
        if self._waiting:
            self._begin(*self._waiting.popleft())
        self._answer(aside.client, reply)

    def sweep(self) -> None:
        """End those that take too long; once a second."""
        now = self._clock()
        for aside in [aside for aside in self._working if aside.ends_at <= now]:
            forks.kill(aside.pid, signal.SIGKILL)
            self._end(aside, LATE)

    def leave(self) -> None:
        """Close our descriptors and touch nothing else: in a child."""
        for aside in self._working:
            aside.channel.close()
            aside.file.close()


def _be_mortal() -> None:
    """Let signals end us, as they end who has no handlers; and time, should the master be gone."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signals.release()
    signal.alarm(int(2 * WITHIN))


def _work(make: Make, file: BinaryIO, channel: Channel) -> int:
    """Make an answer, in the child."""
    setproctitle.setproctitle("forkproxy: an answer")
    _be_mortal()
    try:
        reply = make()
    except Exception as error:
        log.bug("in a child that makes an answer", error)
        reply = FAILED
    file.write(body_of(reply))
    file.flush()
    channel.send({"status": reply.status, "type": reply.content_type})
    return 0
