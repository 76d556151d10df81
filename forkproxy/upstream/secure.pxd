from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression
from forkproxy.net.tls cimport TlsStream
from forkproxy.net.tls_context cimport TlsContext


cpdef bytes host_of(bytes name)


cdef class Secure:
    """TLS towards the upstreams of a location: what the proxy_ssl_* directives say."""

    cdef public TlsContext context
    cdef public Expression name         # proxy_ssl_name
    cdef public bint verify
    # (exchange) -> tuple of names and Certificates; None: it is constant
    cdef public object certificates

    cdef bytes host(self, Exchange exchange)
    cdef tuple identity(self, Exchange exchange)
    cdef int shake_hands(self, TlsStream stream, tuple identity, Exchange exchange, bytes address,
                         double limit) except -1
    cdef int _meet(self, TlsStream stream, bytes name, bytes address, object certificate,
                   double limit) except -1
    cdef int _check(self, TlsStream stream, bytes name) except -1
