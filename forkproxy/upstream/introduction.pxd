from forkproxy.core.exchange cimport Exchange
from forkproxy.net.stream cimport Stream


cdef class Introduction:
    """How connections to peers begin: with a PROXY header that says who the client is."""

    cdef readonly int version           # of the PROXY protocol

    cdef bytes header(self, Exchange exchange)


# What a connection must have begun with, to be used again.
cdef tuple met_as(tuple identity, bytes header)
# Send a header on a new connection. Raises PeerError.
cdef int introduce(Stream stream, bytes header) except -1
