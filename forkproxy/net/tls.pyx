"""TlsStream: a Stream that may speak TLS, and how two sides come to agree on it.

The context is chosen in the callback for the ClientHello, before anything of it is judged, and all
of its rules are applied to the connection.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.errno cimport EPROTO
from libc.string cimport memcmp

from forkproxy.net.openssl cimport *
from forkproxy.net.tls_certificate cimport Certificate, show_certificate, trouble
from forkproxy.net.tls_context cimport TlsContext, accept_any
from forkproxy.net.tls_records cimport TlsRecords, stream_index
from forkproxy.net.tls_resumption cimport Resumable, keep_sessions
from forkproxy.net.tls_stapling cimport staple

from forkproxy.net.tls_records import TlsFailed

# A list of one protocol, as the ALPN extension has it (RFC 7301 §3.1).
cdef bytes ACME_TLS = b"\0\x0b\x0aacme-tls/1"


cdef inline TlsStream stream_of(const SSL* ssl):
    return <TlsStream> SSL_get_ex_data(ssl, stream_index)


# What OpenSSL asks while a handshake is under way. Nothing here may wait.

cdef int on_hello(SSL* ssl, int* alert, void* nothing) noexcept:
    """A ClientHello is complete: choose the context before anything of it is judged."""
    cdef TlsStream stream = stream_of(ssl)
    cdef TlsContext context
    cdef const unsigned char* octets = NULL
    cdef size_t length = 0
    cdef bytes name = None
    alert[0] = SSL_AD_INTERNAL_ERROR
    try:
        if SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &octets, &length):
            name = _name_of(octets, length)
        stream.server_name = name
        if stream.first.validation is not None and _validates(ssl):
            context = stream.first.validation
            stream.validates = True
        else:
            context = stream.contexts.choose(stream, name)
        if context.rejects:
            alert[0] = SSL_AD_UNRECOGNIZED_NAME
            return SSL_CLIENT_HELLO_ERROR
        if context is not stream.context or context.loaned:
            _go_over(ssl, context)
            stream.context = context
    except Exception as error:
        stream.failure = error
        return SSL_CLIENT_HELLO_ERROR
    return SSL_CLIENT_HELLO_SUCCESS


cdef bytes _name_of(const unsigned char* octets, size_t length):
    """The host name in a server_name extension (RFC 6066 §3); None for one that is none."""
    cdef size_t named
    cdef bytes name
    if length < 5 or octets[2] != TLSEXT_NAMETYPE_host_name:
        return None
    named = (octets[3] << 8) | octets[4]
    if named == 0 or named > length - 5 or named > 255:
        return None
    name = octets[5:5 + named]
    return None if b"\0" in name else name.lower().rstrip(b".")


cdef bint _validates(SSL* ssl):
    """Whether ALPN offers acme-tls/1 and nothing else: an authority validates a name."""
    cdef const unsigned char* octets = NULL
    cdef size_t length = 0
    if not SSL_client_hello_get0_ext(
            ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &octets, &length):
        return False
    return octets[:length] == ACME_TLS


cdef int _go_over(SSL* ssl, TlsContext context) except -1:
    """Take another context: its certificates, and all of its rules where they are others."""
    if SSL_get_SSL_CTX(ssl) != context.ctx:
        _take_rules(ssl, context)
    if context.loaned and context.certificates:
        context.show(ssl)
    if context.session_owner is not None:
        SSL_set_session_id_context(
            ssl, <unsigned char*> PyBytes_AS_STRING(context.session_owner),
            <unsigned int> PyBytes_GET_SIZE(context.session_owner))
    return 0


cdef int _take_rules(SSL* ssl, TlsContext context) except -1:
    """Live by the rules of another context.

    SSL_set_SSL_CTX alone changes the certificate and leaves who must show one, the versions and
    the options of the first context in force: a hole in mutual TLS.
    """
    cdef uint64_t options
    _arm(context)
    if SSL_set_SSL_CTX(ssl, context.ctx) == NULL:
        raise TlsFailed(EPROTO, "SSL_set_SSL_CTX() failed" + trouble())
    SSL_set_verify(ssl, context.verify_mode, accept_any)
    SSL_set_verify_depth(ssl, context.verify_depth if context.verify_mode else -1)
    options = SSL_CTX_get_options(context.ctx)
    SSL_clear_options(ssl, SSL_get_options(ssl) & ~options)
    SSL_set_options(ssl, options)
    SSL_set_min_proto_version(ssl, SSL_CTX_get_min_proto_version(context.ctx))
    SSL_set_max_proto_version(ssl, SSL_CTX_get_max_proto_version(context.ctx))
    if context.groups is not None:
        SSL_set1_groups_list(ssl, PyBytes_AS_STRING(context.groups))
    return 0


cdef int on_certificate(SSL* ssl, void* nothing) noexcept:
    """Show the certificates whose names depend on the connection."""
    cdef TlsStream stream = stream_of(ssl)
    if stream.context.certificates_for is None:
        return 1
    try:
        SSL_certs_clear(ssl)
        for found in stream.context.certificates_for(stream):
            show_certificate(ssl, <Certificate?> found)
    except Exception as error:
        stream.failure = error
        return 0
    return 1


cdef int on_protocols(SSL* ssl, const unsigned char** chosen, unsigned char* length,
                      const unsigned char* offered, unsigned int octets, void* nothing) noexcept:
    """ALPN (RFC 7301): the first of ours that the client offers."""
    cdef TlsStream stream = stream_of(ssl)
    cdef bytes ours = stream.contexts.offered(stream)
    cdef const unsigned char* mine
    cdef unsigned int at, other, size
    if stream_of(ssl).validates:
        ours = ACME_TLS[2:]
    if ours is None:
        return SSL_TLSEXT_ERR_NOACK
    mine = <const unsigned char*> PyBytes_AS_STRING(ours)
    at = 0
    while at < <unsigned int> PyBytes_GET_SIZE(ours):
        size = mine[at]
        other = 0
        while other < octets:
            if offered[other] == size and memcmp(offered + other + 1, mine + at + 1, size) == 0:
                chosen[0] = offered + other + 1
                length[0] = <unsigned char> size
                return SSL_TLSEXT_ERR_OK
            other += 1 + offered[other]
        at += 1 + size
    return SSL_TLSEXT_ERR_ALERT_FATAL


cdef int on_status(SSL* ssl, void* nothing) noexcept:
    """Show what an authority says of our certificate, to a client that wants to know."""
    cdef TlsStream stream = stream_of(ssl)
    if stream.context.staples is None:
        return SSL_TLSEXT_ERR_NOACK
    try:
        return staple(ssl, stream.context)
    except Exception as error:
        stream.failure = error
        return SSL_TLSEXT_ERR_ALERT_FATAL


cdef int _arm(TlsContext context) except -1:
    """Hang our functions on a context, once in each process that uses it."""
    if context.armed:
        return 0
    context.armed = True
    keep_sessions(context)
    if not context.server:
        if context.certificates_for is not None:
            SSL_CTX_set_cert_cb(context.ctx, on_certificate, NULL)
        return 0
    SSL_CTX_set_client_hello_cb(context.ctx, on_hello, NULL)
    SSL_CTX_set_alpn_select_cb(context.ctx, on_protocols, NULL)
    SSL_CTX_set_cert_cb(context.ctx, on_certificate, NULL)
    SSL_CTX_set_tlsext_status_cb(context.ctx, on_status)
    return 0


cdef class Contexts:

    cdef TlsContext choose(self, TlsStream stream, bytes name):
        return self.first

    cdef bytes offered(self, TlsStream stream):
        return self.protocols


cdef class Always(Contexts):
    """The same context whatever name is asked for."""

    def __init__(self, TlsContext context not None, protocols=()):
        self.first = context
        if protocols:
            self.protocols = b"".join([bytes((len(one),)) + one for one in protocols])


cdef class TlsStream(Resumable):

    cdef int accept_tls(self, Contexts contexts) except -1:
        """Be the server of a handshake. Raises TlsFailed, TimeoutError, Gone, OSError. Waits."""
        self.contexts = contexts
        self.first = contexts.first
        _arm(self.first)
        self._begin(self.first)
        SSL_set_accept_state(self.ssl)
        return self._handshake()

    cdef int connect_tls(self, TlsContext context, bytes name, object peer) except -1:
        """Be the client of a handshake with a peer by that name. Raises as accept_tls. Waits."""
        self.first = context
        self.drained = not self.readable
        _arm(context)
        self._begin(context)
        SSL_set_connect_state(self.ssl)
        if context.sends_name and name:
            SSL_set_tlsext_host_name(self.ssl, PyBytes_AS_STRING(name))
        if context.resumable is not None:
            self.resume(peer, name)
        return self._handshake()

    cdef int _handshake(self) except -1:
        cdef int done, error
        while True:
            ERR_clear_error()
            done = SSL_do_handshake(self.ssl)
            error = SSL_ERROR_NONE if done == 1 else SSL_get_error(self.ssl, done)
            if error != SSL_ERROR_NONE and error != SSL_ERROR_WANT_READ:
                failed = self._error(done, "SSL_do_handshake")
                try:
                    self._push()            # the alert that says why
                except OSError:
                    pass
                raise failed
            self._push()
            while self.pending is not None:
                self.wait_writable()
                self._push()
            if done == 1:
                break
            self.readable = not self.drained
            self.wait_readable()
        self.readable = not self.drained or SSL_has_pending(self.ssl)
        return 0

    cpdef void close(self):
        """Close the socket. Whoever waits on it stops with OSError."""
        TlsRecords.close(self)
        self.contexts = None
        self.asker = None

    cdef bytes protocol(self):
        cdef const unsigned char* octets = NULL
        cdef unsigned int length = 0
        if self.ssl != NULL:
            SSL_get0_alpn_selected(self.ssl, &octets, &length)
        return octets[:length] if length else None

    def accept(self, Contexts contexts not None):
        """As accept_tls, for callers that are not compiled. Waits."""
        self.accept_tls(contexts)

    def connect(self, TlsContext context not None, bytes name=None, object peer=None):
        """As connect_tls, for callers that are not compiled. Waits."""
        self.connect_tls(context, name, peer)

    def agreed(self):
        """Return the protocol that ALPN agreed on, or None."""
        return self.protocol()
