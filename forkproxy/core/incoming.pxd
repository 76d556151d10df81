from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer
from forkproxy.wire.chunked cimport ChunkedDecoder


cdef class Incoming(Body):
    """Content that comes on a connection: by its length, chunked, or until the connection ends.

    What came with the head lies in `buffer`. Subclasses say how octets are received, and what it
    means that the content is over or broken.
    """

    cdef Buffer buffer
    cdef ChunkedDecoder decoder         # None: not chunked
    cdef long long left                 # octets still to come; -1: not known
    cdef readonly bint ended
    cdef bint surplus                   # more had come than this content when it ended
    cdef readonly long long content_read
    cdef Py_ssize_t content  # of the chunked coding: octets of content at the buffer's start
    cdef Py_ssize_t gap                 # and behind them the used-up octets of the coding

    cdef Py_ssize_t receive(self, char* into, Py_ssize_t room) except -1     # Waits.
    cdef int cut_short(self) except -1          # the connection ended too early: raises
    cdef int broken(self, str reason) except -1  # the coding is invalid: raises
    cdef void complete(self) noexcept           # the last octet was used

    # Nothing is at hand, and to read would be to wait, as far as one knows without waiting.
    cdef bint quiet(self) except -1
    # whether these octets at hand are the last
    cdef bint ends_with(self, Py_ssize_t count) noexcept
    cdef int fill(self) except -1
    cdef int _decode(self) except -1
    cdef Py_ssize_t _read_past_buffer(self, char* into, Py_ssize_t room) except -1
    cdef void _count(self, Py_ssize_t count) noexcept
    cdef void _over(self) noexcept
