from forkproxy.core.exchange cimport Body
from forkproxy.downstream.http2_outlet cimport Outlet
from forkproxy.downstream.request_body cimport RequestBody
from forkproxy.net.stream cimport Stream
from forkproxy.wire.h2_stream cimport H2Stream


cdef class Substream(Stream):
    """One stream of an HTTP/2 connection, as if it were a socket of its own."""

    cdef H2Stream frames
    cdef Outlet outlet
    cdef bint wide                      # its window was opened: somebody reads

    cdef int took(self, Py_ssize_t count) except -1     # so many octets were used
    # Something has changed. In the hub.
    cdef void hear(self) noexcept
    cdef void hang_up(self) noexcept
    # Let content go, and wait until all of it is in frames. `body`: whose octets they are; it is
    # told to hold them where that takes a wait. `last`: the stream ends with them. Waits.
    cdef int send_piece(self, const char* octets, Py_ssize_t count, bint last,
                        Body body=*) except -1
    cdef int finish(self) except -1     # until the end of the answer is in a frame. Waits.
    cdef bint _gone(self, bint last) except -1
    cdef int _wait_for_room(self) except -1


cdef class H2Body(RequestBody):
    """The content of a request that comes by HTTP/2."""

    cdef H2Stream frames

    cdef int _await_end(self) except -1
