from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task


cdef class ReadAhead(Body):
    """An answer that is read on while its client is slow: into memory, then into a file."""

    cdef Body inner
    cdef list pieces  # octets in memory, the oldest first: before those in the file
    cdef Py_ssize_t held                # octets in them
    cdef Py_ssize_t in_memory           # the most of them
    cdef int fd                         # of the file; -1 while there is none
    cdef long long in_file              # the most octets it holds; 0: no file
    cdef str folder
    cdef long long written              # where the file's octets end
    cdef long long taken                # and where those begin that nobody took yet
    cdef bint over                      # the inner body has ended, or failed with `failure`
    cdef object failure
    cdef Gate filled                    # what the client's side waits at, None: nobody waits
    cdef Gate emptied                   # what the upstream's side waits at
    cdef bint closed

    cdef int begin(self) except -1
    cdef int keep(self, const char* octets, Py_ssize_t count) except -1     # may wait
    cdef int _write(self, const char* octets, Py_ssize_t count) except -1
    cdef Py_ssize_t _take_piece(self, char* into, Py_ssize_t room) except -1
    cdef Py_ssize_t _take_from_file(self, char* into, Py_ssize_t room) except -1


cdef class Filling(Task):
    """The upstream's side of it."""

    cdef ReadAhead into
