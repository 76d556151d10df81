from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange, Response

# Ask the origin; store what may be stored. Waits.
cdef Response fetch(Terms terms, Exchange exchange, Visit visit)
