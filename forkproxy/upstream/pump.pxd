from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task
from forkproxy.net.stream cimport Stream


cdef class Pump(Task):
    """Carries a request body up while the exchange's own greenlet waits for the answer."""

    cdef Body body
    cdef Stream upstream
    cdef Stream client                  # that the body is read from; None: it is stored
    cdef Gate done
    cdef long long sent                 # octets of the body
    cdef readonly bint finished         # the whole body was sent
    cdef bint stopping
    cdef readonly object failure        # what went wrong on the client's side, or None

    # Put around the `count` octets at data[at] what the protocol wants there, up to CHUNK_FRONT
    # octets before them and eight behind; return where that begins, and make `count` its length.
    cdef Py_ssize_t frame(self, char* data, Py_ssize_t at, Py_ssize_t* count, bint last) noexcept
    cdef int _carry(self, Buffer buffer) except -1
    cdef int begin(self, Body body, Stream upstream, Stream client) except -1
    cdef int stop(self) except -1       # and wait until it has. Waits.
