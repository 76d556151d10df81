"""What goes wrong before a server has its logs: said aloud, and written to the file of `-e`."""

from __future__ import annotations

import os
import sys

from forkproxy.shared.errorlog import NAMES, ErrorLog, Level, Target
from forkproxy.shared.logfile import LogFile

ALOUD = "stderr"  # the file that is none


class Complaints:
    """Lines in nginx's form, each with its level."""

    def __init__(self, file: str = "") -> None:
        """Append to a file too, where one is given; one that cannot be opened is complained of."""
        self._log = ErrorLog()
        self._log.send_to([])
        if file in ("", ALOUD):
            return
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            reason = f"({error.errno}: {error.strerror})"
            self.add("alert", f'could not open error log file: open() "{file}" failed {reason}')
        else:
            self._log.send_to([Target(LogFile(file, descriptor), Level.NOTICE)])

    def add(self, level: str, text: str) -> None:
        """Complain; `level` is nginx's name of it."""
        print(f"nginx: [{level}] {text}", file=sys.stderr)
        self._log.write(NAMES[level], text)
