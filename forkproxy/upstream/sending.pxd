from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.forward cimport Forward
from forkproxy.upstream.pump cimport Pump
from forkproxy.wire.writer cimport Writer

# Send head and body; what is long, or still coming, by a greenlet of its own, which is returned.
# Waits. Raises PeerError.
cdef Pump send_request(Forward self, Exchange exchange, Stream stream)
# What came of a request's body with its head goes with its head; return how many octets.
cdef Py_ssize_t put_begun(Writer to, Body body) except -1
# Whether a request's body came with its head: to store it is to wait for nothing.
cdef bint all_here(Body body) except -1
