from forkproxy.core.exchange cimport Client, Exchange
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Settings


cdef class RequestBody(Incoming):
    """The content of a request."""

    cdef Client client
    cdef Exchange exchange              # whose location says how long it may be, and how slow
    cdef Settings before                # what holds while there is no location yet
    cdef double waited                  # seconds, for octets of the client
    cdef long long came                 # octets

    cdef int _check_rate(self, double since) except -1
    cdef Settings _settings(self)
