"""TlsStream: a socket read and written as any Stream, through OpenSSL.

OpenSSL reads and writes by a BIO of our own. Reading, it learns from a short read that the kernel
has no more, which saves a system call for each request. Writing, it only appends to a buffer that
all streams share; when a call of OpenSSL is done, what is there goes out at once: a large write is
several records and one system call. What the kernel does not take is kept by the stream.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.errno cimport EAGAIN, EINTR, EPROTO, errno
from libc.string cimport memcmp, memcpy
from posix.uio cimport iovec

import os

from forkproxy.clock cimport wall
from forkproxy.net.openssl cimport *
from forkproxy.net.stream cimport Buffer, Stream, give_back, lend_large
from forkproxy.net.tls_context cimport (
    Certificate, TlsContext, accept_any, show_certificate, trouble,
)
from forkproxy.net.tls_stapling cimport staple
from forkproxy.net.tls_tickets cimport TicketKeys

cdef extern from "<sys/socket.h>" nogil:
    int MSG_NOSIGNAL
    Py_ssize_t c_recv "recv" (int fd, void* into, size_t length, int flags)
    Py_ssize_t c_send "send" (int fd, const void* octets, size_t length, int flags)

DEF RECORD = 16384              # octets of plain text in the largest record
DEF AT_ONCE = 65536             # octets of plain text that are sealed before they are sent
DEF LARGEST_SESSION = 8192

# A list of one protocol, as the ALPN extension has it (RFC 7301 §3.1).
cdef bytes ACME_TLS = b"\0\x0b\x0aacme-tls/1"

# What OpenSSL writes while one of its functions runs. Empty whenever a greenlet may switch.
cdef Buffer sealed = Buffer(AT_ONCE + 8 * 1024)
# Pieces of plain text that are to be one record.
cdef char gathered[RECORD]


class TlsFailed(OSError):
    """A handshake, or a record, that was none; `reason` is OpenSSL's number for why, or 0."""

    reason = 0


# The BIO.

cdef int bio_read(BIO* bio, char* into, int room) noexcept:
    cdef TlsStream stream = <TlsStream> BIO_get_data(bio)
    cdef Py_ssize_t count
    BIO_clear_retry_flags(bio)
    if stream.drained:
        BIO_set_retry_read(bio)
        return -1
    while True:
        count = c_recv(stream.fd, into, room, 0)
        if count >= 0:
            break
        if errno == EAGAIN:
            stream.drained = True
            BIO_set_retry_read(bio)
            return -1
        if errno != EINTR:
            return -1
    if 0 < count < room and not stream.hung_up:
        stream.drained = True       # as Stream.try_recv: the next octets are a new edge
    return <int> count


cdef int bio_write(BIO* bio, const char* octets, int length) noexcept:
    if sealed.room() < length:
        try:
            sealed.grow(2 * sealed.size + length)
        except MemoryError:
            return -1
    memcpy(sealed.data + sealed.end, octets, length)
    sealed.end += length
    return length


cdef long bio_control(BIO* bio, int what, long number, void* pointer) noexcept:
    return 1 if what == BIO_CTRL_FLUSH else 0


cdef BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "forkproxy")
BIO_meth_set_read(method, bio_read)
BIO_meth_set_write(method, bio_write)
BIO_meth_set_ctrl(method, bio_control)

# Where an SSL has its TlsStream. Borrowed: the stream owns the SSL.
cdef int stream_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL)

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


cdef int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int sealing) noexcept:
    """Seal or open a session ticket by keys that all workers have."""
    cdef TicketKeys keys = stream_of(ssl).first.tickets
    cdef bytes key
    cdef char* octets
    cdef Py_ssize_t size
    cdef const EVP_CIPHER* kind
    cdef OSSL_PARAM params[3]
    try:
        key = keys.newest() if sealing else keys.named(name[:16])
    except Exception as error:
        stream_of(ssl).failure = error
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
    cdef TlsStream stream = stream_of(ssl)
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
    cdef TlsStream stream = stream_of(ssl)
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


cdef int _arm(TlsContext context) except -1:
    """Hang our functions on a context, once in each process that uses it."""
    if context.armed:
        return 0
    context.armed = True
    if not context.server:
        if context.resumable is not None:
            SSL_CTX_set_session_cache_mode(context.ctx, SSL_SESS_CACHE_CLIENT
                                           | SSL_SESS_CACHE_NO_INTERNAL)
            SSL_CTX_sess_set_new_cb(context.ctx, on_new_session)
        if context.certificates_for is not None:
            SSL_CTX_set_cert_cb(context.ctx, on_certificate, NULL)
        return 0
    SSL_CTX_set_client_hello_cb(context.ctx, on_hello, NULL)
    SSL_CTX_set_alpn_select_cb(context.ctx, on_protocols, NULL)
    SSL_CTX_set_cert_cb(context.ctx, on_certificate, NULL)
    SSL_CTX_set_tlsext_status_cb(context.ctx, on_status)
    if context.tickets is not None:
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context.ctx, on_ticket)
    if context.sessions is not None:
        SSL_CTX_sess_set_new_cb(context.ctx, on_new_session)
        SSL_CTX_sess_set_get_cb(context.ctx, on_get_session)
    return 0


cdef class TlsSession:

    def __dealloc__(self):
        SSL_SESSION_free(self.session)


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


cdef class TlsStream(Stream):

    cdef void ready(self, unsigned int events) noexcept:
        self.drained = False
        Stream.ready(self, events)

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
        cdef TlsSession kept
        self.first = context
        self.drained = not self.readable
        _arm(context)
        self._begin(context)
        SSL_set_connect_state(self.ssl)
        if context.sends_name and name:
            SSL_set_tlsext_host_name(self.ssl, PyBytes_AS_STRING(name))
        if context.resumable is not None:
            self.resumable = context.resumable
            self.resumable_key = (peer, name)
            kept = self.resumable.pop(self.resumable_key, None)
            if kept is not None:
                SSL_set_session(self.ssl, kept.session)
                if SSL_SESSION_get_protocol_version(kept.session) != TLS1_3_VERSION:
                    self.resumable[self.resumable_key] = kept
        return self._handshake()

    cdef int _begin(self, TlsContext context) except -1:
        cdef BIO* bio
        self.context = context
        self.ssl = SSL_new(context.ctx)
        bio = BIO_new(method)
        if self.ssl == NULL or bio == NULL:
            raise MemoryError()
        BIO_set_data(bio, <void*> self)
        BIO_set_init(bio, 1)
        SSL_set_bio(self.ssl, bio, bio)
        SSL_set_ex_data(self.ssl, stream_index, <void*> self)
        return 0

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

    cdef object _error(self, int returned, str call):
        """What a call of OpenSSL that failed is raised as."""
        cdef int error = SSL_get_error(self.ssl, returned)
        cdef int code = errno
        if self.failure is not None:
            failure = self.failure
            self.failure = None
            if isinstance(failure, OSError):
                return failure
            return TlsFailed(EPROTO, f"{call}() failed: {failure}")
        if error == SSL_ERROR_SYSCALL and ERR_peek_error() == 0:
            if code and code != EAGAIN:
                return OSError(code, os.strerror(code))
            return TlsFailed(EPROTO, "peer closed connection in SSL handshake")
        reason = ERR_GET_REASON(ERR_peek_error())
        failed = TlsFailed(EPROTO, f"{call}() failed{trouble()}")
        failed.reason = reason
        return failed

    # Reading.

    cdef Py_ssize_t try_recv(self, char* into, Py_ssize_t room) except? -3:
        cdef int count
        if self.ssl == NULL:
            return Stream.try_recv(self, into, room)
        if not self.readable:
            return -2
        ERR_clear_error()
        count = SSL_read(self.ssl, into, <int> min(room, AT_ONCE))
        if count > 0:
            self.received += count
            self.readable = not self.drained or SSL_has_pending(self.ssl)
            if sealed.end:
                self._push()
            return count
        return self._nothing_read(count)

    cdef Py_ssize_t _nothing_read(self, int returned) except -3:
        """Why a read gave nothing: -2 for nothing now, 0 for the end."""
        cdef int error = SSL_get_error(self.ssl, returned)
        cdef int code = errno
        cdef unsigned long reason = ERR_peek_error()
        if error == SSL_ERROR_WANT_READ or error == SSL_ERROR_WANT_WRITE:
            self.readable = not self.drained
            if sealed.end:
                self._push()
            return -2
        if error == SSL_ERROR_ZERO_RETURN:
            return 0
        if error == SSL_ERROR_SSL and ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING:
            ERR_clear_error()
            return 0
        if error == SSL_ERROR_SYSCALL and reason == 0:
            if returned == 0 or code == 0:
                return 0
            raise OSError(code, os.strerror(code))
        failed = self._error(returned, "SSL_read")
        try:
            self._push()
        except OSError:
            pass
        self.broken = True
        raise failed

    cdef bint quiet(self) except -1:
        """Whether there is nothing to read but what TLS says to itself (new session tickets)."""
        cdef char octet
        cdef int count
        if self.ssl == NULL:
            return Stream.quiet(self)
        if self.readable and not self.hung_up:
            ERR_clear_error()
            count = SSL_peek(self.ssl, &octet, 1)
            if count <= 0 and SSL_get_error(self.ssl, count) == SSL_ERROR_WANT_READ:
                self.readable = not self.drained
            if sealed.end:
                self._push()
        return not self.readable

    # Writing.

    cdef Py_ssize_t try_sendv(self, iovec* pieces, int count) except -1:
        cdef Py_ssize_t total = 0, done, batch
        cdef int index
        if self.ssl == NULL:
            return Stream.try_sendv(self, pieces, count)
        if not self.writable:
            return 0
        if self.pending is not None:
            self._push()
            if self.pending is not None:
                return 0
        for index in range(count):
            total += pieces[index].iov_len
        # What is owed went out just now; the caller says it once more, and does not know.
        done = min(total, self.owed)
        self.owed -= done
        while done < total:
            batch = self._seal(pieces, count, done, AT_ONCE)
            self._push()
            if self.pending is not None:
                self.owed = batch
                break
            done += batch
        self.sent += done
        return done

    cdef Py_ssize_t _seal(self, iovec* pieces, int count, Py_ssize_t skip,
                          Py_ssize_t most) except -1:
        """Make records of what follows the first `skip` octets; return how many are in them."""
        cdef Py_ssize_t record = self.context.record
        cdef Py_ssize_t batch = 0, filled, part
        cdef const char* octets
        cdef int index = 0, went
        while index < count and skip >= <Py_ssize_t> pieces[index].iov_len:
            skip -= pieces[index].iov_len
            index += 1
        while index < count and batch < most:
            part = pieces[index].iov_len - skip
            octets = <const char*> pieces[index].iov_base + skip
            if part >= record or index == count - 1:
                filled = min(part, record)
                skip += filled
            else:
                # Short pieces share a record: head and body are one.
                filled = 0
                while index < count and filled < record:
                    part = min(<Py_ssize_t> pieces[index].iov_len - skip, record - filled)
                    memcpy(gathered + filled, <const char*> pieces[index].iov_base + skip, part)
                    filled += part
                    skip += part
                    if skip == <Py_ssize_t> pieces[index].iov_len:
                        skip = 0
                        index += 1
                octets = gathered
            ERR_clear_error()
            went = SSL_write(self.ssl, octets, <int> filled)
            if went != filled:
                failed = self._error(went, "SSL_write")
                sealed.start = sealed.end = 0
                self.broken = True
                raise failed
            batch += filled
            while index < count and skip >= <Py_ssize_t> pieces[index].iov_len:
                skip = 0
                index += 1
        return batch

    cdef int _push(self) except -1:
        """Send the records that are ready; keep what the kernel does not take."""
        cdef Buffer source = sealed
        cdef Py_ssize_t went
        if self.pending is not None:
            self._keep_pending(0)
            source = self.pending
        while source.start < source.end:
            went = c_send(self.fd, source.data + source.start, source.length(), MSG_NOSIGNAL)
            if went >= 0:
                source.start += went
                continue
            if errno == EINTR:
                continue
            if errno != EAGAIN:
                sealed.start = sealed.end = 0
                self.broken = True
                raise OSError(errno, os.strerror(errno))
            self.writable = False
            if source is sealed:
                self._keep_pending(sealed.start)
            return 0
        source.start = source.end = 0
        if self.pending is not None:
            give_back(self.pending)
            self.pending = None
        return 0

    cdef int _keep_pending(self, Py_ssize_t start) except -1:
        """Move what is in `sealed` to the stream's own buffer."""
        cdef Py_ssize_t length = sealed.end - start
        if length == 0:
            return 0
        if self.pending is None:
            self.pending = lend_large()
        if self.pending.room() < length:
            self.pending.compact()
            self.pending.grow(self.pending.end + length)
        memcpy(self.pending.data + self.pending.end, sealed.data + start, length)
        self.pending.end += length
        sealed.start = sealed.end = 0
        return 0

    cdef Py_ssize_t try_send_file(self, int fd, long long offset, Py_ssize_t count) except -1:
        """Files are read and sealed by whoever sends them: `plain` says so."""
        raise OSError(EPROTO, "sendfile() on a TLS connection")

    cdef bint plain(self) noexcept:
        return self.ssl == NULL

    # The end.

    cdef void _say_goodbye(self) noexcept:
        """Send close_notify, if it goes at once: nobody waits at the end."""
        if (self.broken or self.pending is not None or self.owed
                or not SSL_is_init_finished(self.ssl)):
            return
        ERR_clear_error()
        SSL_shutdown(self.ssl)
        if sealed.end:
            c_send(self.fd, sealed.data, sealed.end, MSG_NOSIGNAL)
            sealed.start = sealed.end = 0

    def shut(self):
        """End our direction; the other side may still send."""
        if self.fd >= 0 and self.ssl != NULL:
            self._say_goodbye()
        Stream.shut(self)

    cpdef void close(self):
        """Close the socket. Whoever waits on it stops with OSError."""
        if self.fd < 0:
            return
        if self.ssl != NULL:
            self._say_goodbye()
        Stream.close(self)
        SSL_free(self.ssl)
        self.ssl = NULL
        give_back(self.pending)
        self.pending = None
        self.contexts = None
        self.asker = None

    def __dealloc__(self):
        SSL_free(self.ssl)

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
