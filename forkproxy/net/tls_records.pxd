from posix.uio cimport iovec

from forkproxy.net.buffer cimport Buffer
from forkproxy.net.openssl cimport SSL
from forkproxy.net.stream cimport Stream
from forkproxy.net.tls_context cimport TlsContext


cdef class TlsRecords(Stream):
    """A connected socket whose octets are in records once there is an `ssl`: plain until then.

    What `take` did not take must be what is sent next: it may be in a record that is half out.
    """

    cdef SSL* ssl                       # NULL: plain
    cdef readonly TlsContext context    # whose certificate is shown
    cdef bint drained                   # the kernel has nothing more to read
    cdef Buffer pending                 # records that the kernel did not take yet; None: none
    cdef Py_ssize_t owed                # octets of plain text in there that the caller sends again
    cdef object failure                 # what went wrong in a function that OpenSSL called

    cdef int _begin(self, TlsContext context) except -1
    cdef int _push(self) except -1
    cdef int _keep_pending(self, Py_ssize_t start) except -1
    cdef Py_ssize_t _seal(self, iovec* pieces, int count, Py_ssize_t skip,
                          Py_ssize_t most) except -1
    cdef Py_ssize_t _nothing_read(self, int returned) except -3
    cdef object _error(self, int returned, str call)
    cdef void _say_goodbye(self) noexcept


# Where an SSL has its TlsRecords. Borrowed: the stream owns the SSL.
cdef int stream_index
