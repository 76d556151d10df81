"""Updates behind the client's back: stale-while-revalidate, proxy_cache_background_update."""

from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.subrequest cimport clone, in_background


cdef int update_in_background(Exchange exchange, Visit visit) except -1:
    cdef Exchange inner = clone(exchange)
    cdef Visit made = Visit.__new__(Visit)
    made.zone = visit.zone
    made.key = made.place = visit.key
    made.specs = b""
    made.number = visit.number
    made.cacheable = True
    made.age = -1.0
    made.background = True
    made.claimed = visit.claimed
    visit.claimed = False
    inner.cache = made
    return in_background(inner)
