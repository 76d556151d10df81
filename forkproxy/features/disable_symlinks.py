"""disable_symlinks: files are opened step by step, and no step may be a symbolic link.

    disable_symlinks if_not_owner from=$document_root;

Each folder is opened below the one before it, so that nobody can put a link in the way between the
check and the use. With `if_not_owner` a link is followed where it and what it leads to have the
same owner. What `from` names is trusted as it is.
"""

from __future__ import annotations

import errno
import os
import stat

from forkproxy.config.directives.disable_symlinks import DisableSymlinks
from forkproxy.config.scope import Scope
from forkproxy.core.exchange import Exchange
from forkproxy.core.expressions import Expression
from forkproxy.core.making import Making

_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


class Links:
    """What disable_symlinks says of a location."""

    def __init__(self, owners: bool, start: Expression | None) -> None:
        self._owners = owners
        self._start = start

    def open(self, exchange: Exchange, path: bytes, flags: int) -> int:
        """Return a descriptor of a file. Raises OSError, ELOOP for a link that is not followed."""
        start = b"" if self._start is None else self._start(exchange)
        if b"\0" in path:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        if path == start:
            return os.open(path, flags | os.O_CLOEXEC)
        begun, rest = _trusted(path, start)
        folder = os.open(begun, _FOLDER)
        try:
            *folders, last = [part for part in rest.split(b"/") if part] or [b"."]
            for name in folders:
                inner = self._step(folder, name, _FOLDER)
                os.close(folder)
                folder = inner
            if path.endswith(b"/"):
                flags |= os.O_DIRECTORY
            return self._step(folder, last, flags | os.O_CLOEXEC)
        finally:
            os.close(folder)

    def _step(self, folder: int, name: bytes, flags: int) -> int:
        if not self._owners:
            # O_PATH opens even a link itself, so that what it is can be seen before it is used.
            found = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            try:
                if stat.S_ISLNK(os.fstat(found).st_mode):
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            finally:
                os.close(found)
            return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
        opened = os.open(name, flags, dir_fd=folder)
        try:
            link = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(link.st_mode) and link.st_uid != os.fstat(opened).st_uid:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        except OSError:
            os.close(opened)
            raise
        return opened


def _trusted(path: bytes, start: bytes) -> tuple[bytes, bytes]:
    """Return what of a path is trusted, and the rest."""
    start = start.rstrip(b"/")
    if start and path.startswith(start) and path[len(start) : len(start) + 1] == b"/":
        return start, path[len(start) :]
    return (b"/" if path.startswith(b"/") else b"."), path


def links(scope: Scope, making: Making) -> Links | None:
    """Return what disable_symlinks says of a scope; None where links are followed."""
    given: DisableSymlinks | None = scope.value("disable_symlinks")
    if given is None:
        return None
    start = None if given.start is None else making.expression(given.start)
    return Links(given.owners, start)
