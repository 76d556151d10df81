from forkproxy.core.exchange cimport Exchange
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.names cimport NameSet


cdef class Hints:
    """What early_hints says of a location: when an upstream's 103 goes on to the client."""

    cdef tuple conditions               # Expressions: one that is neither "" nor "0" is enough
    cdef NameSet hidden                 # fields that are not passed on

    cdef int show(self, Exchange exchange, ResponseHead head) except -1        # Waits.
