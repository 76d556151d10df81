from libc.stdint cimport int64_t, uint64_t

from forkproxy.net.dial cimport Address
from forkproxy.upstream.standing cimport Standing


cdef class Waiting:
    """Who is told that a peer has room again; queue.pyx has it."""

    cdef void freed(self) noexcept


cdef class Peer:
    """One member of an upstream, as one worker sees it."""

    cdef readonly Address address
    cdef readonly object member         # upstream.member.Member
    cdef readonly bytes name            # as the configuration writes it
    cdef readonly bytes session         # what sticky sessions call it: its route, or a digest
    cdef uint64_t session_number        # a digest of that
    cdef readonly bint dropped          # it belongs to its upstream no more
    cdef list idle                      # pool.Connections, the last used last
    cdef Waiting waiting                # None: nobody ever waits for room here
    cdef Standing standing              # what choices look at
    cdef uint64_t* facts                # its cells in our own row
    cdef uint64_t* own                  # instead of them, where there is no scoreboard
    cdef object board                   # keeps the cells alive

    cdef int weight(self) noexcept
    cdef bint available(self, double now, bint session=*) noexcept
    cdef int64_t in_flight(self) noexcept                   # in all processes
    cdef bint begin(self, double now) noexcept              # False: others have just filled it
    cdef void end(self) noexcept
    cdef void chosen(self, double now) noexcept
    cdef void failed(self, double now) noexcept
    cdef void worked(self, double now) noexcept
    cdef void answered(self, int status) noexcept
    cdef void connected(self) noexcept
    cdef void unreachable(self) noexcept
    cdef void passed_over(self, bint again) noexcept
    cdef void idles(self, int more) noexcept                # connections kept here
    cdef void took(self, double connect_time, double header_time, double response_time,
                   int64_t sent, int64_t received) noexcept
    cdef void _measure(self, int cell, double seconds) noexcept

cdef inline void keep_most(uint64_t* most, int64_t value) noexcept:
    if value > <int64_t> most[0]:
        most[0] = <uint64_t> value


cdef uint64_t digest(bytes text) except 0
cdef int64_t milliseconds(double instant) noexcept
# The next value of a moving average, as nginx computes it.
cdef int64_t averaged(int64_t average, int64_t value) noexcept
