"""Addresses as nginx writes them, made into sockets."""

import contextlib
import random
import socket
import struct

from tests.support.eventually import PATIENCE


def connect(address, timeout=PATIENCE):
    """Return a connected socket for "127.0.0.1:80", "[::1]:80" or "unix:/path"."""
    if address.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        try:
            sock.connect(address.removeprefix("unix:"))
        except OSError:
            sock.close()
            raise
        return sock
    host, _, port = address.rpartition(":")
    sock = socket.create_connection((host.strip("[]"), int(port)), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def free_port():
    """Return a TCP port of 127.0.0.1 that nobody listens on just now.

    It is below the range that the kernel takes for outgoing connections, so that
    none of those has it by the time it is used.
    """
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


def reset(sock):
    """Close at once, by RST: whatever was not delivered is lost."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
