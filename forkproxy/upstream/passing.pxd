from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.forward cimport Forward
from forkproxy.wire.head cimport ResponseHead

# The response that a peer's answer is.
cdef Response pass_on(Forward self, Exchange exchange, ResponseHead head, Answer body)
# What the location makes of it: an error page, another location's answer, or what it is.
cdef Response finished(Forward self, Exchange exchange, Response response)
# Its fields, as the proxy_* directives of the location want them.
cdef int dress_as_said(Forward self, Exchange exchange, Response response) except -1
