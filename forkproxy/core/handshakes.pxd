from forkproxy.net.tls cimport TlsStream
from forkproxy.shared.tally cimport Tally


cdef class Handshakes:
    """What is counted of the handshakes of a server: with all others, and in its status_zone."""

    cdef Tally all
    cdef Tally zone                     # None: it has none

    cdef int done(self, TlsStream stream) except -1
    cdef int failed(self, object error) except -1
