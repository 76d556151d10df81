from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Exchange, Response


cdef class Caching(Terms):
    """A handler in front of an origin: it answers from a zone where it can, and fills it."""

    cdef Zone _zone(self, Exchange exchange)
    cdef Response _pass(self, Exchange exchange, Zone zone)
    cdef Response _answer(self, Exchange exchange, Visit visit)
    cdef Response _stale(self, Exchange exchange, Visit visit, double now)
    cdef int _pass_range(self, Exchange exchange, Visit visit) except -1
    cdef bint _range_too_far(self, Exchange exchange)
