from libc.stdint cimport uint64_t

from forkproxy.downstream.http2_outlet cimport Outlet
from forkproxy.downstream.http2_turns cimport Turns
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.wire.h2 cimport Session
from forkproxy.wire.h2_stream cimport H2Stream


cdef class Http2(Serving):
    """One HTTP/2 connection of a client, from its preface to the close."""

    cdef Session session
    cdef Mouth outlet
    cdef Ear ear
    cdef Door door
    cdef set clients                    # numbers of the streams whose exchange is under way
    cdef bint idle                      # nothing is under way: read_by holds
    cdef bint over                      # closed
    cdef bint lingering                 # all is said; what still comes is thrown away
    cdef bint told                      # why it failed was written to the log
    cdef double idle_limit              # seconds that the connection is kept after its last answer
    cdef double heading_by              # monotonic: when the head that has begun must be complete
    cdef double stuck_by                # and when the client must have taken something; 0.0: never
    cdef double stuck_since
    cdef double asleep_at               # when, if idle until then, memory is given back; 0.0: it is
    cdef double forgiven_at             # when a frame that brought nothing was forgiven
    cdef double last_call               # and when no new streams are taken any more
    cdef double asked_at                # and when the client began its last stream

    cdef int _look(self) except -1
    cdef int _hear(self) except -1
    cdef int _begin(self, H2Stream frames) except -1
    cdef int _mind_head(self) except -1
    cdef int _give_up_head(self) except -1
    cdef int _mind_limits(self) except -1
    cdef void _rest(self) noexcept
    cdef void _tick(self, double now) noexcept
    cdef void _retire(self) noexcept
    cdef void _hang_up(self) noexcept
    cdef void _linger(self) noexcept
    cdef void _forget(self) noexcept
    cdef void close(self) noexcept


cdef class Mouth(Outlet):
    """What the connection says."""

    cdef Http2 client


cdef class Door(Turns):
    """Who is let in."""

    cdef Http2 client


cdef class Ear(Sleeper):
    """What it hears: of its socket, and of the time."""

    cdef Http2 client
