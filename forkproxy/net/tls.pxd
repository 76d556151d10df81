from forkproxy.net.tls_context cimport TlsContext
from forkproxy.net.tls_resumption cimport Resumable


cdef class Contexts:
    """Which context a client's handshake goes on with; the floor that knows servers says it."""

    cdef TlsContext first               # before a name is known; its tickets serve all names
    cdef bytes protocols                # for ALPN, as on the wire, best first; None: none

    # The context for the name that the client asks for, None where it asks for none.
    cdef TlsContext choose(self, TlsStream stream, bytes name)
    cdef bytes offered(self, TlsStream stream)  # `protocols`, or what the chosen server speaks


cdef class TlsStream(Resumable):
    """One connected socket that may speak TLS: plain until `accept_tls` or `connect_tls`."""

    cdef Contexts contexts
    cdef readonly bytes server_name     # that the client asked for, in lower case; None: none
    cdef public object server           # the virtual server that answers to it: of the floors above
    cdef public object asker            # of the floors above: what certificates_for needs to know
    cdef readonly bint validates        # a name (RFC 8737): nothing follows the handshake

    cdef int accept_tls(self, Contexts contexts) except -1
    cdef int connect_tls(self, TlsContext context, bytes name, object peer) except -1
    cdef bytes protocol(self)           # that ALPN agreed on, None where it did not
    cdef int _handshake(self) except -1
