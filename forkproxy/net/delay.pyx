"""A wait that has a reason of its own, and ends early when the client goes."""

from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
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

    def over(self):
        self.gate.open()


cdef int delay(Stream client, double seconds) except -1:
    cdef Delay made = Delay.__new__(Delay)
    cdef Stream watched = None if client is None else client.waiting_upstream
    made.gate = Gate.__new__(Gate)
    if client is not None:
        if client.hung_up:
            raise Gone("client prematurely closed connection")
        client.waiting_upstream = made
    timer = poller.loop.timer(seconds)
    timer.start(made.over)
    try:
        made.gate.wait()
    finally:
        timer.stop()
        timer.close()
        if client is not None:
            client.waiting_upstream = watched
    if made.abandoned:
        if watched is not None:
            watched.abandon()
        raise Gone("client prematurely closed connection")
    return 0


def wait(Stream client, double seconds):
    """Wait as `delay` does, called from Python. Waits."""
    delay(client, seconds)
