"""The pid file: where administrators and tools find the master.

During an upgrade the old master's file is called `<path>.oldbin`, as nginx's is.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from forkproxy.errors import ForkproxyError

OLD = ".oldbin"


class PidFileError(ForkproxyError):
    """The pid file cannot be written."""


class PidFile:
    """The file of this master; with the path "" there is none."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._aside = False

    @property
    def path(self) -> str:
        return self._path

    def write(self) -> None:
        """Write our pid; raises PidFileError."""
        if not self._path:
            return
        try:
            Path(self._path).write_text(f"{os.getpid()}\n")
        except OSError as error:
            text = f'open() "{self._path}" failed ({error.errno}: {error.strerror})'
            raise PidFileError(text) from error

    def move(self, path: str) -> None:
        """Be at another path, after a reload that says so; raises PidFileError."""
        if path == self._path:
            return
        fresh = PidFile(path)
        fresh.write()
        self.remove()
        self._path = path

    def step_aside(self) -> None:
        """Make room for the file of a new master."""
        if self._path:
            with contextlib.suppress(OSError):
                Path(self._path).rename(self._path + OLD)
                self._aside = True

    def step_back(self) -> None:
        """Be the one master again."""
        if self._aside:
            self._aside = False
            with contextlib.suppress(OSError):
                Path(self._path + OLD).rename(self._path)

    def remove(self) -> None:
        """Delete the file, unless another master has written its own there."""
        if not self._path:
            return
        path = Path(self._path + OLD if self._aside else self._path)
        with contextlib.suppress(OSError):
            if path.read_text() == f"{os.getpid()}\n":
                path.unlink()
