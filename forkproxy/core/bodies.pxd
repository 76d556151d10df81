from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer
from forkproxy.wire.fields cimport Fields


cdef class OctetsBody(Body):
    """Octets that are there as a whole."""

    cdef readonly bytes octets
    cdef Py_ssize_t used
    cdef Py_ssize_t end


cdef class FileBody(Body):
    """A slice of an open file; the descriptor is closed with the body."""

    cdef readonly int fd
    cdef long long front                # where the content begins in the file
    cdef readonly long long offset      # of the next octet
    cdef readonly long long left
    cdef bint owned
    cdef Buffer buffer                  # a small file's octets, read ahead


cdef class Stored:
    """A request body that was read as a whole: in memory, or in a file without a name."""

    cdef readonly bytes octets          # None: it is in the file
    cdef readonly int fd                # -1: it is in memory
    cdef readonly long long length
    cdef readonly Fields trailers       # None: there were none
    cdef readonly bytes path            # of the file while it is open, for $request_body_file
    cdef bint clean                     # the file has a name, which goes when it is closed

    cdef Body open(self)                # the body from its front; as often as asked
    cdef Stored again(self)             # the same content, with a life of its own
    cpdef void close(self)


cpdef enum Keep:
    NAMELESS = 0        # a file only where memory is not enough, gone when it is closed
    CLEAN               # always a file, with a name, which goes with the request
    ON                  # and which stays

# Read `body` to its end: at most `in_memory` octets into memory, else into a file in `folder`.
# Waits.
cdef Stored store(Body body, Py_ssize_t in_memory, str folder, int keep=*)

# Open a file that is gone when it is closed, whatever happens to the process.
cdef int nameless_file(str folder) except -1
# Write to a file, however often that takes.
cdef int write_all(int fd, const char* octets, Py_ssize_t length) except -1
