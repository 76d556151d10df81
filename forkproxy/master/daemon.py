"""Leaving the terminal, but not before it has been told how the start went."""

from __future__ import annotations

import os
from collections.abc import Iterable

from forkproxy.shared.errorlog import SyslogTarget, Target
from forkproxy.shared.logfile import LogFile, files

FAILED = 1  # exit code where the daemon ended without a word


class Terminal:
    """A pipe between the process that was started by hand, and the daemon it forks."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()

    def wait(self, pid: int) -> int:
        """Return the exit code: 0 once the daemon serves. For the process at the terminal."""
        os.close(self._writer)
        told = os.read(self._reader, 1)
        os.close(self._reader)
        if told:
            return told[0]
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) or FAILED

    def leave(self) -> None:
        """Have no terminal any more. For the daemon; errors are shown until `redirect_errors`."""
        os.close(self._reader)
        os.setsid()
        _to_nothing(0)
        _to_nothing(1)

    def tell(self, code: int) -> None:
        """Say how the start went; the first word counts."""
        if self._writer < 0:
            return
        os.write(self._writer, bytes([code]))
        self.close()

    def close(self) -> None:
        """Say nothing: in the daemon's children, which must not keep the terminal waiting."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1


def error_file(targets: Iterable[Target | SyslogTarget]) -> LogFile | None:
    """Return the first error log that is a file: what a daemon has for stderr."""
    found = (target.file for target in targets if isinstance(target, Target))
    return next((file for file in found if file.path), None)


def redirect_errors(errors: LogFile | None) -> None:
    """Let stderr be a log file; None for nowhere. A traceback of the interpreter's is kept so."""
    if errors is None:
        _to_nothing(2)
    else:
        files.copy(errors, 2)


def _to_nothing(descriptor: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, descriptor)
    os.close(nothing)
