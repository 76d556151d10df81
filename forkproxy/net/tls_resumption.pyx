"""Sessions that are resumed: tickets, the cache that workers share, and what peers gave us."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcpy

from forkproxy.clock cimport wall
from forkproxy.net.openssl cimport *
from forkproxy.net.tls_context cimport TlsContext
from forkproxy.net.tls_records cimport TlsRecords, stream_index
from forkproxy.net.tls_tickets cimport TicketKeys

DEF LARGEST_SESSION = 8192


cdef class TlsSession:

    def __dealloc__(self):
        SSL_SESSION_free(self.session)


cdef class Resumable(TlsRecords):

    cdef int resume(self, object peer, bytes name) except -1:
        cdef TlsSession kept
        self.resumable = self.first.resumable
        self.resumable_key = (peer, name)
        kept = self.resumable.pop(self.resumable_key, None)
        if kept is not None:
            SSL_set_session(self.ssl, kept.session)
            if SSL_SESSION_get_protocol_version(kept.session) != TLS1_3_VERSION:
                self.resumable[self.resumable_key] = kept
        return 0


# What OpenSSL asks while a handshake is under way. Nothing here may wait.

cdef inline Resumable resumable_of(const SSL* ssl):
    return <Resumable> SSL_get_ex_data(ssl, stream_index)


cdef int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int sealing) noexcept:
    """Seal or open a session ticket by keys that all workers have."""
    cdef TicketKeys keys = resumable_of(ssl).first.tickets
    cdef bytes key
    cdef char* octets
    cdef Py_ssize_t size
    cdef const EVP_CIPHER* kind
    cdef OSSL_PARAM params[3]
    try:
        key = keys.newest() if sealing else keys.named(name[:16])
    except Exception as error:
        resumable_of(ssl).failure = error
        return -1
    if key is None:
        return 0
    octets = PyBytes_AS_STRING(key)
    size = 16 if PyBytes_GET_SIZE(key) == 48 else 32
    kind = EVP_aes_128_cbc() if size == 16 else EVP_aes_256_cbc()
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, octets + 16, size)
    params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, <char*> "SHA256", 0)
    params[2] = OSSL_PARAM_construct_end()
    if EVP_MAC_CTX_set_params(mac, params) != 1:
        return -1
    # A key of 48 octets is name, cipher key, MAC key; of 80: name, MAC key, cipher key. As nginx.
    if sealing:
        memcpy(name, octets, 16)
        if RAND_bytes(iv, 16) != 1:
            return -1
        return EVP_EncryptInit_ex(cipher, kind, NULL, <unsigned char*> octets + 16 + size, iv)
    if EVP_DecryptInit_ex(cipher, kind, NULL, <unsigned char*> octets + 16 + size, iv) != 1:
        return -1
    # In TLS 1.3 each ticket is for one use; below, one by an older key is made anew.
    return 2 if SSL_version(ssl) == TLS1_3_VERSION or key is not keys.newest() else 1


cdef int on_new_session(SSL* ssl, SSL_SESSION* session) noexcept:
    """Keep a session for all workers, or as a client for the next connection to this peer."""
    cdef Resumable stream = resumable_of(ssl)
    cdef unsigned char octets[LARGEST_SESSION]
    cdef unsigned char* end = octets
    cdef const unsigned char* id
    cdef unsigned int id_length = 0
    cdef TlsSession kept
    cdef int length
    if stream.first.server:
        length = i2d_SSL_SESSION(session, NULL)
        if 0 < length <= LARGEST_SESSION and stream.first.sessions is not None:
            i2d_SSL_SESSION(session, &end)
            id = SSL_SESSION_get_id(session, &id_length)
            stream.first.sessions.put(id, id_length, octets, length,
                                      wall() + SSL_SESSION_get_timeout(session))
        return 0
    if stream.resumable is None:
        return 0
    kept = TlsSession.__new__(TlsSession)
    kept.session = session          # ours from now on, since 1 is returned
    try:
        stream.resumable[stream.resumable_key] = kept
    except Exception as error:
        stream.failure = error
    return 1


cdef SSL_SESSION* on_get_session(SSL* ssl, const unsigned char* id, int id_length,
                                 int* copied) noexcept:
    cdef Resumable stream = resumable_of(ssl)
    cdef unsigned char octets[LARGEST_SESSION]
    cdef const unsigned char* start = octets
    cdef Py_ssize_t length
    copied[0] = 0
    if stream.first.sessions is None or id_length <= 0:
        return NULL
    length = stream.first.sessions.get(id, id_length, octets, LARGEST_SESSION)
    if length == 0:
        return NULL
    return d2i_SSL_SESSION(NULL, &start, length)


cdef void keep_sessions(TlsContext context) noexcept:
    if not context.server:
        if context.resumable is not None:
            SSL_CTX_set_session_cache_mode(context.ctx, SSL_SESS_CACHE_CLIENT
                                           | SSL_SESS_CACHE_NO_INTERNAL)
            SSL_CTX_sess_set_new_cb(context.ctx, on_new_session)
        return
    if context.tickets is not None:
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context.ctx, on_ticket)
    if context.sessions is not None:
        SSL_CTX_sess_set_new_cb(context.ctx, on_new_session)
        SSL_CTX_sess_set_get_cb(context.ctx, on_get_session)
