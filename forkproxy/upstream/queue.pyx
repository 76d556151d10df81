"""queue: requests that find every peer full wait for one that has room.

Who ends an exchange here lets the first one look again. Peers are filled and freed by other workers
too, so all look again twenty times a second.
"""

from libc.stdint cimport int64_t

from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
from forkproxy.shared.scoreboard cimport (
    UPSTREAM_OVERFLOWS, UPSTREAM_QUEUED, UPSTREAM_WAITED, UPSTREAM_WAITED_MOST,
)
from forkproxy.upstream.peer cimport Waiting, keep_most, milliseconds

DEF LOOK = 0.05         # seconds


cdef class Queue(Waiting):

    def __init__(self, int most, double timeout=60.0):
        self.most = most
        self.timeout = timeout
        self.gates = []

    @property
    def size(self):
        """How many wait."""
        return len(self.gates)

    cdef bint full(self) noexcept:
        if len(self.gates) < self.most:
            return False
        self._count(<int> UPSTREAM_OVERFLOWS, 1)
        return True

    cdef Gate join(self):
        cdef Gate gate = Gate()
        self.gates.append(gate)
        self._count(<int> UPSTREAM_QUEUED, 1)
        if self.timer is None:
            self.timer = poller.loop.timer(LOOK, LOOK)
            self.timer.start(self._look)
        return gate

    cdef int leave(self, Gate gate) except -1:
        self.gates.remove(gate)
        self._count(<int> UPSTREAM_QUEUED, -1)
        if not self.gates and self.timer is not None:
            self.timer.stop()
            self.timer.close()
            self.timer = None
        return 0

    cdef void waited(self, double time) noexcept:
        cdef int64_t whole = milliseconds(time)
        if self.counts is not None:
            self.counts.add(<int> UPSTREAM_WAITED, whole)
            keep_most(self.counts.cells + <int> UPSTREAM_WAITED_MOST, whole)

    cdef void _count(self, int cell, int amount) noexcept:
        if self.counts is not None:
            self.counts.add(cell, amount)

    cdef void freed(self) noexcept:
        if self.gates:
            (<Gate> self.gates[0]).open()

    def _look(self):
        for gate in list(self.gates):
            (<Gate> gate).open()
