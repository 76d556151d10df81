"""Giving up what a child does not need: the user, the group, and every capability.

The master keeps them, to bind ports and to read keys. A child that has dropped them cannot get
them back.
"""

from __future__ import annotations

import ctypes
import os

from forkproxy.errors import ForkproxyError

_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class PrivilegeError(ForkproxyError):
    """A child could not become the user it should be; it must not go on."""


def drop(user: str, uid: int, gid: int) -> None:
    """Become another user for good, with the groups of its name. Raises PrivilegeError."""
    try:
        os.initgroups(user, gid)
        os.setgid(gid)
        os.setuid(uid)
    except OSError as error:
        raise PrivilegeError(f"cannot become {user}: {error.strerror}") from error
    if uid != 0 and os.getresuid() != (uid, uid, uid):
        raise PrivilegeError(f"cannot become {user}")
    # The kernel forbids core files and /proc of a process that changed its user; nginx allows them.
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def drop_capabilities() -> None:
    """Give up every capability that was given to a user who is not root, for good."""
    if os.geteuid() == 0:
        return  # it has them by being root, and the configuration wants root
    _libc.prctl(_PR_SET_KEEPCAPS, 0, 0, 0, 0)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)  # of this process
    nothing = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice 32 bits
    if _libc.capset(ctypes.byref(header), ctypes.byref(nothing)) != 0:
        raise PrivilegeError(f"capset() failed: {os.strerror(ctypes.get_errno())}")
