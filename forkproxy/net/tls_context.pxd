from forkproxy.net.openssl cimport SSL, SSL_CTX, X509_STORE_CTX
from forkproxy.net.tls_certificate cimport Certificate
from forkproxy.net.tls_sessions cimport SessionCache
from forkproxy.net.tls_tickets cimport TicketKeys


cdef class TlsContext:
    """What one side of handshakes knows and wants: made before the fork, used by all workers.

    Servers by the same rules share OpenSSL's context, and differ in what they show.
    """

    cdef SSL_CTX* ctx
    cdef readonly bint server
    cdef readonly list certificates
    cdef bint loaned                    # ctx holds the certificates of another: show() ours
    cdef bytes session_owner            # what sessions are bound to; None: to nothing
    cdef readonly int verify_mode       # OpenSSL's
    cdef readonly int verify_depth
    cdef bytes groups                   # None: the library's own
    cdef public Py_ssize_t record       # octets of plain text in one record, at most
    cdef public bint rejects            # ssl_reject_handshake
    cdef public bint sends_name         # as a client: SNI
    # (TlsStream) -> tuple of Certificates, where their names have variables; None
    cdef public object certificates_for
    # of the address's default server: the context of handshakes by acme-tls/1 (RFC 8737); None
    cdef public TlsContext validation
    cdef public TicketKeys tickets      # None: the library's own
    cdef public SessionCache sessions   # None: there is none that workers share
    cdef public dict resumable          # as a client: (peer, name) to TlsSession; None: none kept
    cdef public object counts           # of the floors above: what is counted of its handshakes
    cdef public list staples            # net.tls_stapling.Staples; None: there are none
    # (Staple): asks for it, and does not wait
    cdef public object fetch
    cdef bint armed                     # net/tls.pyx has hung its functions on it

    cdef int show(self, SSL* ssl) except -1
    cdef int _try(self, Certificate certificate) except -1
    cdef int _load(self, Certificate certificate) except -1


# The verification callback of contexts that judge the other side's certificate.
cdef int accept_any(int good, X509_STORE_CTX* store) noexcept
