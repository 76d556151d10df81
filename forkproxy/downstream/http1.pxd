from libc.stdint cimport uint64_t

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.downstream.request_body cimport RequestBody
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.poller cimport Task
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.names cimport NameSet


cdef class Http1(Serving):
    """One HTTP/1 connection of a client, from the accept to the close."""

    cdef Buffer buffer                  # None while the connection is idle
    cdef Dozing dozing
    cdef Conversation conversation
    cdef double head_by                 # monotonic: when the head that has begun must be complete
    cdef double idle_limit              # seconds that the connection is kept after its last answer
    cdef bint continued                 # 100 Continue was sent, or is not asked for
    cdef bint asleep
    cdef bint tunnelling

    cdef int begin(self, uint64_t* facts) except -1
    cdef void _wake_up(self) noexcept
    cdef int converse(self) except -1
    cdef RequestHead _head(self)
    cdef int inform(self, int status, Fields fields, NameSet hidden) except -1
    cdef int continue_request(self) except -1  # 100 Continue, if one is expected and was not sent
    cdef double _patience(self)
    cdef int _refuse_head(self, int status, str reason) except -1
    cdef int _answer(self, Exchange exchange) except -1
    cdef RequestBody _open_body(self, Exchange exchange)
    cdef int _tunnel(self, Exchange exchange, Response response) except -1
    cdef bint _discard(self, RequestBody body) except -1
    cdef int _linger(self, Exchange exchange) except -1
    cdef void _sleep(self, double until) noexcept
    cdef void close(self) noexcept


cdef class Dozing(Sleeper):
    """Wakes an idle connection."""

    cdef Http1 client


cdef class Conversation(Task):
    """What runs in a greenlet while a connection has something to do."""

    cdef Http1 client
