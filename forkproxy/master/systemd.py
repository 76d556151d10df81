"""What systemd needs: sockets it has opened for us, and word of how we do.

sd_listen_fds(3) and sd_notify(3); a machine without systemd sets neither variable.
"""

from __future__ import annotations

import contextlib
import os
import socket

from forkproxy import clock

FIRST = 3  # SD_LISTEN_FDS_START


def listen_sockets() -> list[socket.socket]:
    """Return the sockets that systemd has opened for us, once; they are ours from then on."""
    count = os.environ.pop("LISTEN_FDS", "")
    pid = os.environ.pop("LISTEN_PID", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not count.isdecimal():
        return []
    sockets = [socket.socket(fileno=fd) for fd in range(FIRST, FIRST + int(count))]
    for sock in sockets:
        sock.set_inheritable(False)
        sock.setblocking(False)
    return sockets


def notify(*assignments: str) -> None:
    """Send assignments as "READY=1" to the service manager, if there is one that listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # Linux's abstract names
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
        sock.setblocking(False)
        sock.sendto("\n".join(assignments).encode(), address)


def ready() -> None:
    """Say that we serve, as the process that we are."""
    notify("READY=1", f"MAINPID={os.getpid()}", "STATUS=serving")


def reloading() -> None:
    """Say that a reload has begun; its end is said by ready()."""
    notify("RELOADING=1", f"MONOTONIC_USEC={int(clock.monotonic() * 1e6)}", "STATUS=reloading")


def stopping() -> None:
    """Say that we end."""
    notify("STOPPING=1", "STATUS=stopping")


def successor(pid: int) -> None:
    """Say which process is the master from now on."""
    notify(f"MAINPID={pid}")
