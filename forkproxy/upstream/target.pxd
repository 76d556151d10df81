from forkproxy.core.exchange cimport Exchange
from forkproxy.upstream.forward cimport Forward

# What proxy_pass with variables comes to.
cdef bytes url_of(Forward self, Exchange exchange)
# The request target that a peer is asked for; `given`: path and query of a URL with variables.
cdef bytes target_of(Forward self, Exchange exchange, bytes given)
