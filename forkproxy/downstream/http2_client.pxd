from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.downstream.http2_outlet cimport Outlet
from forkproxy.downstream.http2_stream cimport H2Body
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.poller cimport Task
from forkproxy.wire.h2_stream cimport H2Stream


cdef class H2Client(Serving):
    """One stream of an HTTP/2 connection: its exchange is served as any."""

    cdef H2Stream frames
    cdef Outlet outlet
    cdef Serving connection             # downstream.http2.Http2
    cdef bint everywhere                # all servers of the address speak HTTP/2
    cdef bint continued

    cdef int begin(self) except -1
    cdef int run(self) except -1
    cdef H2Body _open_body(self, Exchange exchange)
    cdef int _tunnel(self, Exchange exchange, Response response) except -1
    cdef int _end(self, Exchange exchange) except -1


cdef class Exchanging(Task):
    """What runs in a greenlet while a stream is served."""

    cdef H2Client client
