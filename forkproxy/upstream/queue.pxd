from forkproxy.core.exchange cimport Exchange
from forkproxy.net.gate cimport Gate
from forkproxy.shared.tally cimport Tally
from forkproxy.upstream.peer cimport Waiting


cdef class Queue(Waiting):
    """Requests of one upstream that wait until a peer has room, in one worker."""

    cdef readonly int most
    cdef readonly double timeout        # seconds
    cdef public Tally counts            # of the upstream; None: nobody asks for them
    cdef list gates                     # of those who wait, the first to come first
    cdef object timer

    cdef bint full(self) noexcept
    cdef void waited(self, double time) noexcept    # who has left waited so long
    cdef void _count(self, int cell, int amount) noexcept
    cdef Gate join(self)                # the place at the end; to be left again
    cdef int leave(self, Gate gate) except -1
