"""What the life of every child of the master has in common: it hears, beats, and ends.

Orders come over the channel, or as the signals that nginx's workers know (TERM: end at once,
QUIT: end gracefully, USR1: reopen the logs). The end of the channel means that the master is gone.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import signal
from collections.abc import Callable
from types import FrameType

import setproctitle

from forkproxy.child.turns import Turns
from forkproxy.net import tasks
from forkproxy.shared import logfile, signals
from forkproxy.shared.cells import Cells
from forkproxy.shared.channel import Channel, ChannelError, Message, close_all
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell

BEAT = 1.0  # seconds
HEARD = (signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1)
# Ctrl-C and a lost terminal reach the whole group: what follows is for the master to say.
IGNORED = (
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGUSR2,
    signal.SIGWINCH,
    signal.SIGTTIN,
    signal.SIGTTOU,
)
DUMP_OCTETS = 60000  # of an answer to `dump`; a message has a limit
# A collection walks all that lives; what a worker makes for a request is freed without it.
COLLECTIONS = (20_000, 20, 50)

Act = Callable[[Message, list[int]], None]


class Life:
    """One child, from the fork to its exit.

    Attributes:
        cells: its row of the scoreboard.
        orphan: the master is gone.
    """

    def __init__(self, channel: Channel, cells: Cells) -> None:
        self.cells = cells
        self.orphan = False
        self._channel = channel
        self._ended = tasks.Event()
        self._orders: dict[str, Act] = {
            "reopen": lambda _message, _descriptors: reopen(),
            "dump": lambda message, _descriptors: self._dump(message),
        }

    def begin(self, title: str) -> None:
        """Start to hear and to beat: the first thing a child does with what is its own."""
        setproctitle.setproctitle(f"forkproxy: {title}")
        self._signals = signals.Signals(HEARD, IGNORED)
        # faulthandler's handler writes the stack, whatever the interpreter does, and then calls the
        # one it has found: so ours comes first, also where PYTHONFAULTHANDLER has enabled it.
        faulthandler.disable()
        signal.signal(signal.SIGABRT, _abort)
        faulthandler.enable(log.descriptor())
        signals.release()
        gc.set_threshold(*COLLECTIONS)
        tasks.open_hub(log.bug)
        self._turns = Turns(self.cells)
        self._beat = tasks.Timer(BEAT, self._look)
        self._hearing = tasks.Watch(self._channel.fileno(), self._hear)
        self._signalled = tasks.Watch(self._signals.fileno(), self._take_signals)

    def _look(self) -> None:
        self.cells.add(Cell.BEAT)
        self._turns.look()

    def on(self, order: str, act: Act) -> None:
        """Call `act(message, descriptors)` in the hub when the order comes; it must not wait.

        The descriptors are then its own. "drain" and "stop" are also what signals ask for,
        and "drain" what happens to an orphan.
        """
        self._orders[order] = act

    def say(self, event: str, **fields: object) -> None:
        """Tell the master something. A master that is gone does not hear it."""
        with contextlib.suppress(ChannelError):
            self._channel.send({"event": event, **fields})

    def end(self) -> None:
        """Let wait() return."""
        self._ended.set()

    def wait(self) -> None:
        """Return when the life is over. Waits."""
        self._ended.wait()

    def _hear(self) -> None:
        while True:
            try:
                heard = self._channel.receive()
            except BlockingIOError:
                return
            except ChannelError as error:
                log.alert(f"from the master: {error}")
                continue
            if heard is None:
                self._lose_master()
                return
            message, descriptors = heard
            self._obey(str(message.get("order")), message, descriptors)

    def _obey(self, order: str, message: Message, descriptors: list[int]) -> None:
        act = self._orders.get(order)
        if act is None:
            close_all(descriptors)
            return
        act(message, descriptors)

    def _lose_master(self) -> None:
        self._hearing.stop()
        self.orphan = True
        log.alert("the master is gone")
        self._obey("drain", {}, [])

    def _take_signals(self) -> None:
        for number in self._signals.take():
            if number == signal.SIGTERM:
                self._obey("stop", {}, [])
            elif number == signal.SIGQUIT:
                self._obey("drain", {}, [])
            elif number == signal.SIGUSR1:
                reopen()

    def _dump(self, message: Message) -> None:
        text = "\n".join(tasks.dump())
        # Counted in characters of ASCII: json escapes the others.
        self.say("dump", client=message.get("client", 0), text=ascii(text)[1:-1][:DUMP_OCTETS])


def reopen() -> None:
    """Go on in new log files."""
    for failure in logfile.files.reopen():
        log.alert(failure)


def _abort(_number: int, _frame: FrameType | None) -> None:
    """Write what the greenlets do, and end; faulthandler has written the stack of the thread."""
    for line in tasks.dump():
        log.alert(f"| {line}")
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    os.abort()
