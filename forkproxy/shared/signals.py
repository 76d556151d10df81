"""Signals as something to read: a descriptor that can be read when one has come.

Nothing of ours runs inside a signal handler.
"""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Iterable
from types import FrameType


class Signals:
    """The signals that this process wants to hear of, until close()."""

    def __init__(self, wanted: Iterable[int], ignored: Iterable[int] = ()) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in wanted:
            signal.signal(number, _nothing)
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)

    def fileno(self) -> int:
        """Return the descriptor to watch."""
        return self._reader.fileno()

    def take(self) -> list[int]:
        """Return the numbers of the signals that came since, in order."""
        with contextlib.suppress(BlockingIOError):
            return list(self._reader.recv(4096))
        return []

    def close(self) -> None:
        """Hear no more; the handlers stay as they are."""
        if self._reader.fileno() >= 0:
            signal.set_wakeup_fd(-1)
            self._reader.close()
            self._writer.close()


def hold() -> None:
    """Let every signal wait, around a fork: the child must not take one with our handlers."""
    signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())


def release() -> None:
    """Let the signals through that waited."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Be there, so that the wake-up descriptor is written."""
