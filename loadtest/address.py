"""Ports of the loopback interface, and waiting until somebody listens there."""

import contextlib
import random
import socket
import time
from collections.abc import Callable, Sequence

LOOPBACK = "127.0.0.1"
# Below the kernel's ephemeral range: a port from within it can be taken by any
# outgoing connection before its server is started, and we make thousands of those.
_LOWEST, _HIGHEST = 18000, 31999


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on now, all different."""
    with contextlib.ExitStack() as held:
        return [held.enter_context(_bound()).getsockname()[1] for _ in range(count)]


def _bound() -> socket.socket:
    for port in random.sample(range(_LOWEST, _HIGHEST), 200):
        candidate = socket.socket()
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            candidate.close()
        else:
            return candidate
    raise OSError(f"no free port between {_LOWEST} and {_HIGHEST}")


def wait_open(ports: Sequence[int], alive: Callable[[], bool], within: float = 10.0) -> bool:
    """Tell whether all ports accept, as soon as they do; False when time ran out or it died."""
    deadline = time.monotonic() + within
    waiting = list(ports)
    while waiting and alive() and time.monotonic() < deadline:
        waiting = [port for port in waiting if not _accepts(port)]
        time.sleep(0.02)
    return not waiting


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
