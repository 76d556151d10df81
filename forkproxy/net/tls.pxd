from posix.uio cimport iovec

from forkproxy.net.openssl cimport SSL, SSL_SESSION
from forkproxy.net.stream cimport Buffer, Stream
from forkproxy.net.tls_context cimport TlsContext


cdef class TlsSession:
    """A session that a later handshake with the same peer may resume."""

    cdef SSL_SESSION* session


cdef class Contexts:
    """Which context a client's handshake goes on with; the floor that knows servers says it."""

    cdef TlsContext first               # before a name is known; its tickets serve all names
    cdef bytes protocols                # for ALPN, as on the wire, best first; None: none

    # The context for the name that the client asks for, None where it asks for none.
    cdef TlsContext choose(self, TlsStream stream, bytes name)
    cdef bytes offered(self, TlsStream stream)  # `protocols`, or what the chosen server speaks


cdef class TlsStream(Stream):
    """One connected socket that may speak TLS: plain until `accept_tls` or `connect_tls`.

    What try_sendv did not take must be what is sent next: it may be in a record that is half out.
    """

    cdef SSL* ssl                       # NULL: plain
    cdef Contexts contexts
    cdef TlsContext first               # whose tickets and sessions are used
    cdef readonly TlsContext context    # whose certificate is shown
    cdef bint drained                   # the kernel has nothing more to read
    cdef Buffer pending                 # records that the kernel did not take yet; None: none
    cdef Py_ssize_t owed                # octets of plain text in there that the caller sends again
    cdef readonly bytes server_name     # that the client asked for, in lower case; None: none
    cdef public object server           # the virtual server that answers to it: of the floors above
    cdef public object asker            # of the floors above: what certificates_for needs to know
    cdef readonly bint validates        # a name (RFC 8737): nothing follows the handshake
    cdef readonly bint early            # what is being read came before the handshake was over
    cdef object failure                 # what went wrong in a function that OpenSSL called
    cdef dict resumable
    cdef object resumable_key

    cdef int accept_tls(self, Contexts contexts) except -1
    cdef int connect_tls(self, TlsContext context, bytes name, object peer) except -1
    cdef bytes protocol(self)           # that ALPN agreed on, None where it did not
    cdef int _begin(self, TlsContext context) except -1
    cdef int _handshake(self) except -1
    cdef int _push(self) except -1
    cdef int _keep_pending(self, Py_ssize_t start) except -1
    cdef Py_ssize_t _seal(self, iovec* pieces, int count, Py_ssize_t skip,
                          Py_ssize_t most) except -1
    cdef Py_ssize_t _nothing_read(self, int returned) except -3
    cdef object _error(self, int returned, str call)
    cdef void _say_goodbye(self) noexcept
