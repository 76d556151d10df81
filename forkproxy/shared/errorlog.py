"""The error log, in nginx's form, so that what reads nginx's reads ours.

    2026/11/24 03:12:46 [error] 123#0: *5 connect() failed, client: 10.0.0.1

The number after the `#` is a thread's in nginx, and always 0 there too.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from forkproxy import clock
from forkproxy.shared.logfile import LogFile
from forkproxy.shared.syslog import SyslogServer

STDERR = 2


class Level(IntEnum):
    """How bad it is; nginx's names, in nginx's order."""

    EMERG = 1
    ALERT = 2
    CRIT = 3
    ERROR = 4
    WARN = 5
    NOTICE = 6
    INFO = 7
    DEBUG = 8


NAMES = {level.name.lower(): level for level in Level}
_MARKS = {level: f"[{level.name.lower()}]" for level in Level}


@dataclass(frozen=True, slots=True)
class Target:
    """A file, and up to which level it takes lines."""

    file: LogFile
    level: Level

    def write(self, _level: Level, line: bytes) -> None:
        """Append a line at once."""
        self.file.write(line)
        self.file.flush()

    def descriptor(self) -> int:
        """Return what a crash may write to."""
        return self.file.fileno()


@dataclass(frozen=True, slots=True)
class SyslogTarget:
    """A syslog server, and up to which level it is sent lines."""

    server: SyslogServer
    level: Level

    def write(self, level: Level, line: bytes) -> None:
        """Send a line with the severity of its level."""
        self.server.send(level - Level.EMERG, line)

    def descriptor(self) -> int:
        """Return what a crash may write to."""
        return STDERR


class ErrorLog:
    """Lines to all the targets that want them; written at once."""

    def __init__(self) -> None:
        self.send_to([Target(LogFile("", STDERR), Level.NOTICE)])

    @property
    def targets(self) -> tuple[Target | SyslogTarget, ...]:
        """Where the lines go."""
        return self._targets

    def send_to(self, targets: Sequence[Target | SyslogTarget]) -> None:
        """Write to these from now on."""
        self._targets: tuple[Target | SyslogTarget, ...] = tuple(targets)
        self._deepest = max((target.level for target in targets), default=Level.EMERG)

    def wants(self, level: Level) -> bool:
        """Tell whether a line of this level would be written anywhere."""
        return bool(self._targets) and level <= self._deepest

    def write(self, level: Level, text: str, connection: int = 0) -> None:
        """Write one line; `connection` is the number that nginx shows after the star."""
        if not self.wants(level):
            return
        line = _line(level, text, connection)
        for target in self._targets:
            if level <= target.level:
                target.write(level, line)

    def emerg(self, text: str) -> None:
        self.write(Level.EMERG, text)

    def alert(self, text: str) -> None:
        self.write(Level.ALERT, text)

    def error(self, text: str, connection: int = 0) -> None:
        self.write(Level.ERROR, text, connection)

    def warn(self, text: str, connection: int = 0) -> None:
        self.write(Level.WARN, text, connection)

    def notice(self, text: str) -> None:
        self.write(Level.NOTICE, text)

    def info(self, text: str, connection: int = 0) -> None:
        self.write(Level.INFO, text, connection)

    def bug(self, text: str, error: BaseException | None) -> None:
        """Write what should never happen, with its traceback, one line of the log each."""
        if error is None:
            self.alert(text)
            return
        self.alert(f"{text}: {error!r}")
        for lines in traceback.format_exception(error):
            for line in lines.rstrip().split("\n"):
                self.alert(f"| {line}")

    def descriptor(self) -> int:
        """Return where a crash may dump its stack: the first target's descriptor."""
        return self._targets[0].descriptor() if self._targets else STDERR


def _line(level: Level, text: str, connection: int) -> bytes:
    stamp = datetime.fromtimestamp(clock.wall()).strftime("%Y/%m/%d %H:%M:%S")
    star = f"*{connection} " if connection else ""
    # One event, one line: what a client sent must not forge another.
    text = text.replace("\r", "\\r").replace("\n", "\\n")
    line = f"{stamp} {_MARKS[level]} {os.getpid()}#0: {star}{text}\n"
    return line.encode("utf-8", "surrogateescape")


log = ErrorLog()
