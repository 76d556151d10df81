from forkproxy.core.exchange cimport Client, Exchange
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Settings


cdef class RequestBody(Incoming):
    """The content of a request."""

    cdef Client client
    cdef Exchange exchange              # whose location says how long it may be, and how slow
    cdef Settings before                # what holds while there is no location yet

    cdef Settings _settings(self)
