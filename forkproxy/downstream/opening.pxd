from forkproxy.core.router cimport Names
from forkproxy.net.poller cimport Task
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.net.tls cimport Contexts, TlsStream
from forkproxy.wire.proxy_line cimport ProxyLine


cdef class ServerContexts(Contexts):
    """The TLS contexts of the virtual servers of one address, by the name that is asked for."""

    cdef Names names
    cdef bint everywhere                # all servers speak HTTP/2


cdef class Opening(Sleeper):
    """A connection before its protocol is known: a PROXY header, a handshake, and then HTTP."""

    cdef Stream stream
    cdef bytes address
    cdef int port
    cdef object listener                # downstream.acceptor.Listener
    cdef object acceptor
    cdef long long number
    cdef ProxyLine proxy_line
    cdef bint plain_on_tls
    cdef FirstWords task                # None once it has ended

    cdef int begin(self) except -1
    cdef int run(self) except -1
    cdef int _open(self) except -1
    cdef int _read_proxy_line(self) except -1
    cdef int _shake_hands(self) except -1
    cdef int _count(self, TlsStream stream, object error) except -1
    cdef int _become(self) except -1
    cdef bint _speaks_http2(self) except -1
    cdef int _report(self, str text) except -1
    cdef void close(self) noexcept


cdef class FirstWords(Task):
    """What runs in a greenlet while a connection opens."""

    cdef Opening opening
