"""Log files that several processes write at once.

Each process appends whole lines, several to a write, to a file opened with O_APPEND: the kernel
keeps the writes of different processes apart. The master opens the files, before its children
give up their privileges, and the children inherit them.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Protocol

from forkproxy.errors import ForkproxyError

FULL = 65536  # octets that are written without waiting for flush()
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
MODE = 0o644


class LogError(ForkproxyError):
    """A log file cannot be opened."""


class Held(Protocol):
    """What holds lines of a file back."""

    def flush(self) -> None:
        """Pass them on."""


class LogFile:
    """One file. What is written goes out with flush(), or when there is much of it.

    Attributes:
        path: absolute, or "" for a descriptor that has no path (stderr).
        dropped: lines lost because the disk was full or the reader of a pipe was gone.
        users: how often it was opened and not closed.
        buffers: what holds lines back on their way here.
    """

    __slots__ = ("_descriptor", "_held", "_lines", "buffers", "dropped", "path", "users")

    def __init__(self, path: str, descriptor: int) -> None:
        self.path = path
        self.dropped = 0
        self.users = 1
        self.buffers: list[Held] = []
        self._descriptor = descriptor
        self._lines: list[bytes] = []
        self._held = 0  # octets

    def fileno(self) -> int:
        """Return the descriptor; its number stays the same over reopen()."""
        return self._descriptor

    def write(self, line: bytes) -> None:
        """Append a line, its newline included."""
        self._lines.append(line)
        self._held += len(line)
        if self._held >= FULL:
            self.flush()

    def flush(self) -> None:
        """Write out what is held."""
        if not self._lines:
            return
        lines, self._lines, self._held = self._lines, [], 0
        block = b"".join(lines)
        try:
            while block:
                block = block[os.write(self._descriptor, block) :]
        except OSError:
            # A log that cannot be written must not stop the service.
            self.dropped += len(lines)

    def finish(self) -> None:
        """Write out what is held, here or on its way here."""
        for buffer in self.buffers:
            buffer.flush()
        self.flush()

    def reopen(self) -> None:
        """Go on in the file that now has our path; raises LogError, and goes on in the old one."""
        self.finish()
        if not self.path:
            return
        fresh = _open(self.path)
        os.dup2(fresh, self._descriptor, inheritable=False)
        os.close(fresh)

    def end(self) -> None:
        """Close the file. What is written later is lost: its number may be a connection's then."""
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)

    def give_to(self, uid: int, gid: int) -> None:
        """Let another user own the file, so that its processes can reopen it."""
        with contextlib.suppress(OSError):
            if stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                os.fchown(self._descriptor, uid, gid)


class LogFiles:
    """The log files of this process, one for each path."""

    def __init__(self) -> None:
        self._files: dict[str, LogFile] = {}
        self._copies: dict[int, LogFile] = {}

    def open(self, path: str) -> LogFile:
        """Return the file of a path, opened where it is not yet; give it back with close().

        Raises LogError.
        """
        path = str(Path(path).absolute())
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = LogFile(path, _open(path))
        else:
            found.users += 1
        return found

    def close(self, file: LogFile) -> None:
        """Say that one who opened a file needs it no more; the last one closes it."""
        file.finish()
        file.users -= 1
        if file.users == 0 and file.path:
            del self._files[file.path]
            self._copies = {fd: kept for fd, kept in self._copies.items() if kept is not file}
            file.end()

    def copy(self, file: LogFile, descriptor: int) -> None:
        """Let a descriptor, that of stderr, be this file too, from now on."""
        os.dup2(file.fileno(), descriptor)
        self._copies[descriptor] = file

    def flush(self) -> None:
        """Write out what all files hold."""
        for file in tuple(self._files.values()):  # another thread may open one meanwhile
            file.flush()

    def finish(self) -> None:
        """Write out all that is held back too: the process ends."""
        for file in self._files.values():
            file.finish()

    def reopen(self) -> list[str]:
        """Go on in new files, where logrotate has moved the old; return what failed."""
        failed = []
        for file in self._files.values():
            try:
                file.reopen()
            except LogError as error:
                failed.append(str(error))
        for descriptor, file in self._copies.items():
            os.dup2(file.fileno(), descriptor)
        return failed

    def give_to(self, uid: int, gid: int) -> None:
        """Let another user own all files."""
        for file in self._files.values():
            file.give_to(uid, gid)

    def descriptors(self) -> set[int]:
        """Return the descriptors of all files."""
        return {file.fileno() for file in self._files.values()}


def _open(path: str) -> int:
    try:
        return os.open(path, FLAGS, MODE)
    except OSError as error:
        raise LogError(f'open() "{path}" failed ({error.errno}: {error.strerror})') from error


files = LogFiles()
