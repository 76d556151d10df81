"""Where the control socket is, and who may come in.

Root, the master's own user, and the members of the socket's group may.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import socket
import stat
import struct
from pathlib import Path

from forkproxy.errors import ForkproxyError

SO_PEERGROUPS = 59  # Linux; socket.py has no name for it
CREDENTIALS = "3i"  # pid, uid, gid


class ControlError(ForkproxyError):
    """The control socket cannot be opened."""


class Door:
    """A listening Unix socket at a path; raises ControlError where it cannot be put there.

    Unless `replace` says so, a socket that another process serves is left to it.
    """

    def __init__(self, path: str, mode: int, group: str, *, replace: bool = False) -> None:
        self.path = path
        self._group = _group_number(group)
        if not replace and _served(path):
            raise ControlError(f"another process serves the control socket {path}")
        self.sock = _listen(path, mode, self._group)
        self._identity = _identity(path)

    def close(self) -> None:
        """Listen no more, and take the socket away, unless a new master has put its own there."""
        self.sock.close()
        if _identity(self.path) == self._identity:
            with contextlib.suppress(OSError):
                Path(self.path).unlink()

    def lets_in(self, sock: socket.socket) -> bool:
        """Tell whether the process at the other end may talk to us."""
        found = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize(CREDENTIALS))
        _, uid, gid = struct.unpack(CREDENTIALS, found)
        if uid in (0, os.geteuid()):
            return True
        return self._group is not None and self._group in {gid, *_peer_groups(sock)}


def _listen(path: str, mode: int, group: int | None) -> socket.socket:
    """Return a socket listening at a path, put there in one step over whatever was."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh = f"{path}.{os.getpid()}"
    try:
        listener.setblocking(False)
        with contextlib.suppress(FileNotFoundError):
            Path(fresh).unlink()
        # Nobody may connect between bind and chmod.
        before = os.umask(0o177)
        try:
            listener.bind(fresh)
        finally:
            os.umask(before)
        if group is not None:
            os.chown(fresh, -1, group)
        Path(fresh).chmod(mode)
        listener.listen(64)
        Path(fresh).rename(path)
    except OSError as error:
        listener.close()
        with contextlib.suppress(OSError):
            Path(fresh).unlink()
        raise ControlError(f"control socket {path}: {error.strerror or error}") from error
    return listener


def _served(path: str) -> bool:
    """Tell whether a process listens at a path, or something is there that is no socket."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return True
    except OSError:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(path) not in (errno.ECONNREFUSED, errno.ENOENT)


def _identity(path: str) -> tuple[int, int] | None:
    """Return device and inode of what is at a path."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _group_number(group: str) -> int | None:
    if not group:
        return None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ControlError(f"control_socket: there is no group {group}") from None


def _peer_groups(sock: socket.socket) -> tuple[int, ...]:
    """Return the further groups of who is connected; none where the kernel does not tell."""
    try:
        found = sock.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, 4096)
    except OSError:
        return ()
    return struct.unpack(f"{len(found) // 4}I", found)
