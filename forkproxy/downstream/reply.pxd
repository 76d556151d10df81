from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.net.stream cimport Stream

# Send an answer, head and content, by the settings of the exchange's location, and count what went.
# Raises Gone where the client has left or half an answer has to do, OSError, TimeoutError. Waits.
cdef int reply(Stream stream, Exchange exchange, Response response) except -1
