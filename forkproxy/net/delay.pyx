"""A wait that has a reason of its own, and ends early when the client goes."""

from forkproxy.net.gate cimport Gate
from forkproxy.net.stream cimport Stream

from forkproxy.errors import Gone


cdef class Delay(Stream):
    """Stands where an upstream's stream would: what hangs up the client's abandons it."""

    cdef Gate gate

    cpdef void abandon(self):
        self.abandoned = True
        self.gate.open()

    cdef void drop(self) noexcept:
        self.abandoned = True
        self.gate.open_now()


cdef int delay(Stream client, double seconds) except -1:
    return wait_at(client, Gate.__new__(Gate), max(0.0001, seconds))


cdef int wait_at(Stream client, Gate gate, double seconds=0.0) except -1:
    cdef Delay made
    cdef Stream watched
    if client is None:
        gate.wait_for(seconds)
        return 0
    if client.hung_up:
        raise Gone("client prematurely closed connection")
    made = Delay.__new__(Delay)
    made.gate = gate
    watched = client.waiting_upstream
    client.waiting_upstream = made
    try:
        gate.wait_for(seconds)
    finally:
        client.waiting_upstream = watched
    if made.abandoned:
        if watched is not None:
            watched.abandon()
        raise Gone("client prematurely closed connection")
    return 0


def wait(Stream client, double seconds):
    """Wait as `delay` does, called from Python. Waits."""
    delay(client, seconds)
