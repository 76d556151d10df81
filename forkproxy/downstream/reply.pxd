from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.net.stream cimport Stream
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport NameSet

# Send an answer, head and content, by the settings of the exchange's location, and count what went.
# Raises Gone where the client has left or half an answer has to do, OSError, TimeoutError. Waits.
cdef int reply(Stream stream, Exchange exchange, Response response) except -1

# The head of an answer before the answer; None where it would say nothing.
cdef bytes interim(int status, Fields fields, NameSet hidden)
# Whether these octets at hand are the last of a body.
cdef bint ends_with(Body body, Py_ssize_t count) noexcept
# The upstream's trailers, where they go on, then ours; None where there are none.
cdef Fields trailers_of(Exchange exchange, Response response, Body body)
