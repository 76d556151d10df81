from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange

# Fetch anew what the client gets stale; the visit's claim goes over to that.
cdef int update_in_background(Exchange exchange, Visit visit) except -1
