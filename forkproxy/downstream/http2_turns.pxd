from forkproxy.net.poller cimport Flush
from forkproxy.wire.h2_stream cimport H2Stream


cdef class Turns(Flush):
    """The streams of one connection that are not served yet, since others are."""

    cdef list lanes                     # those that wait, by urgency; None: nobody does
    cdef int waiting
    cdef int begun                      # in this turn
    cdef double turn                    # the instant of that turn
    cdef long long heard                # what the poller had heard when we last looked

    cdef int come(self, H2Stream stream) except -1      # serve it, or let it wait. In the hub.

    # Of the connection. In the hub: how many are served now; serve one more.
    cdef int serving(self) noexcept
    cdef int serve(self, H2Stream stream) except -1
    cdef H2Stream _next(self)
    cdef int _serve_some(self, int most) except -1
