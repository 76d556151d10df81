from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression

# After an answer to an unsafe method: what is stored under its target, and under the Location and
# Content-Location it names on the same host, is no longer good.
cdef int invalidate(Zone zone, Expression key, Exchange exchange, Response response) except -1
# Whether an answer to POST is also what GET would get: 200, and its Content-Location is the target.
cdef bint is_of_target(Exchange exchange, Response response) except *
