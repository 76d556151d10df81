from forkproxy.wire.h2_memory cimport Memory
from forkproxy.wire.h2_receiving cimport Receiving


cdef class Session(Receiving):
    """The server's side of one HTTP/2 connection: octets in, news out, and octets to send.

    No socket, no clock: who owns it reads and writes, and says when time is over.
    """

    cdef Memory memory

    cdef bint over(self) noexcept       # nothing will come and nothing is left to say
    cdef int warn(self) except -1       # GOAWAY that lets in what is under way
    cdef int go_away(self) except -1    # GOAWAY: nothing new is taken
    cdef void sleep(self) noexcept      # as save, and nothing will be under way soon
