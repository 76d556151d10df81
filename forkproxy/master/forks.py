"""Every fork there is: a child that lives, one that is asked something, and the daemon."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Callable

from forkproxy.master.daemon import Terminal
from forkproxy.shared import channel, signals
from forkproxy.shared.channel import ChannelError, Message
from forkproxy.shared.errorlog import log

FAILED = 3  # exit code of a child that raises


def child(live: Callable[[], int]) -> int:
    """Return the pid of a child, which lives its life and exits with what that returns."""
    # A signal to the child, before it has handlers of its own, would be read by the master.
    signals.hold()
    try:
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            _live(live)
    finally:
        signals.release()
    return pid


def _live(live: Callable[[], int]) -> None:
    code = FAILED
    try:
        code = live()
    finally:
        os._exit(code)


def ask(what: str, question: Callable[[], Message], within: float) -> Message | None:
    """Return what a child answers that lives no longer than this question.

    None, and a line that names `what` cannot be read, where it raises or does not answer in so
    many seconds. We stand still meanwhile.
    """
    ours, theirs = channel.pair()
    pid = os.fork()  # noqa: TID251
    if pid == 0:
        try:
            theirs.send(question())
        except Exception as error:
            log.error(f"{what} cannot be read: {error}")
        finally:
            os._exit(0)
    theirs.close()
    try:
        if not select.select([ours], [], [], within)[0]:
            log.error(f"{what} cannot be read in time")
            kill(pid, signal.SIGKILL)
        heard = ours.receive()
    except (BlockingIOError, ChannelError):
        heard = None
    finally:
        ours.close()
        os.waitpid(pid, 0)
    return heard[0] if heard is not None else None


def detach(terminal: Terminal) -> int | None:
    """Return None in the daemon; at the terminal, once it serves, the exit code."""
    pid = os.fork()  # noqa: TID251
    if pid:
        return terminal.wait(pid)
    terminal.leave()
    return None


def kill(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
