"""TLS contexts: rules and certificates, checked and ready before the first handshake.

The master makes them, and the workers inherit them. What is wrong is found here, in nginx's
words, and never in a worker.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.net.openssl cimport *
from forkproxy.net.tls_certificate cimport (
    Certificate, at_end, give_password, reader, show_certificate, trouble,
)
from forkproxy.net.tls_sessions cimport SessionCache

from forkproxy.net.tls_certificate import TlsError

DEF RECORD = 16384          # the largest that TLS has
DEF PLAINLY_GOOD = 2        # the level of security that wire.certificate vouches for
VERSIONS = {
    "SSLv3": SSL3_VERSION, "TLSv1": TLS1_VERSION, "TLSv1.1": TLS1_1_VERSION,
    "TLSv1.2": TLS1_2_VERSION, "TLSv1.3": TLS1_3_VERSION,
}


cdef class TlsContext:

    def __init__(self, bint server):
        cdef uint64_t options = (
            SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_SINGLE_DH_USE
            | SSL_OP_SINGLE_ECDH_USE
            # As nginx: many who end a connection do not say so in TLS first.
            | SSL_OP_IGNORE_UNEXPECTED_EOF)
        self.server = server
        self.ctx = SSL_CTX_new(TLS_server_method() if server else TLS_client_method())
        if self.ctx == NULL:
            raise MemoryError()
        self.certificates = []
        self.record = RECORD
        self.verify_mode = SSL_VERIFY_NONE
        if server:
            SSL_CTX_set_dh_auto(self.ctx, 1)
        SSL_CTX_set_options(self.ctx, options)
        SSL_CTX_set_mode(self.ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS
                         | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN)
        SSL_CTX_set_read_ahead(self.ctx, 1)     # one system call a record, and not two

    def __dealloc__(self):
        SSL_CTX_free(self.ctx)

    def sibling(self):
        """Return a context of the same rules, which has no certificates yet.

        It costs next to nothing: of ten thousand servers most differ in their certificates only.
        """
        cdef TlsContext made = TlsContext.__new__(TlsContext)
        SSL_CTX_up_ref(self.ctx)
        made.ctx = self.ctx
        made.server = self.server
        made.certificates = []
        made.loaned = True
        made.verify_mode = self.verify_mode
        made.verify_depth = self.verify_depth
        made.groups = self.groups
        made.record = self.record
        made.rejects = self.rejects
        made.tickets = self.tickets
        made.sessions = self.sessions
        made.validation = self.validation
        return made

    def use(self, Certificate certificate not None):
        """Add a certificate; of several kinds of key the client chooses. Raises TlsError."""
        if not self.loaned:
            self._load(certificate)
        elif certificate.leaf != NULL or SSL_CTX_get_security_level(self.ctx) > PLAINLY_GOOD:
            self._try(certificate)
        self.certificates.append(certificate)

    cdef int _try(self, Certificate certificate) except -1:
        """Find out now whether handshakes will take it."""
        cdef SSL* ssl = SSL_new(self.ctx)
        if ssl == NULL:
            raise MemoryError()
        try:
            show_certificate(ssl, certificate)
        finally:
            SSL_free(ssl)
        return 0

    cdef int show(self, SSL* ssl) except -1:
        """Make a connection show our certificates instead of those that its context holds."""
        SSL_certs_clear(ssl)
        for certificate in self.certificates:
            show_certificate(ssl, <Certificate> certificate)
        return 0

    cdef int _load(self, Certificate certificate) except -1:
        certificate.open()
        if SSL_CTX_use_certificate(self.ctx, certificate.leaf) != 1:
            raise TlsError(f'SSL_CTX_use_certificate("{certificate.name}") failed{trouble()}')
        if SSL_CTX_set1_chain(self.ctx, certificate.chain.stack) != 1:
            raise TlsError(f'SSL_CTX_set1_chain("{certificate.name}") failed{trouble()}')
        if SSL_CTX_use_PrivateKey(self.ctx, certificate.key) != 1:
            raise TlsError(f'SSL_CTX_use_PrivateKey("{certificate.name}") failed{trouble()}')
        return 0

    def protocols(self, names):
        """Allow these versions only: "TLSv1.2", "TLSv1.3" and the older ones."""
        chosen = [VERSIONS[name] for name in names if name in VERSIONS]
        if not chosen:
            return
        SSL_CTX_set_min_proto_version(self.ctx, min(chosen))
        SSL_CTX_set_max_proto_version(self.ctx, max(chosen))
        for version, option in ((TLS1_VERSION, SSL_OP_NO_TLSv1),
                                (TLS1_1_VERSION, SSL_OP_NO_TLSv1_1),
                                (TLS1_2_VERSION, SSL_OP_NO_TLSv1_2)):
            if version not in chosen and min(chosen) < version < max(chosen):
                SSL_CTX_set_options(self.ctx, option)

    def ciphers(self, str text not None):
        """Set the ciphers up to TLS 1.2, in OpenSSL's language. Raises TlsError."""
        if SSL_CTX_set_cipher_list(self.ctx, text.encode()) != 1:
            raise TlsError(f'SSL_CTX_set_cipher_list("{text}") failed{trouble()}')

    def prefer_own_ciphers(self):
        """Choose by our order and not by the client's."""
        SSL_CTX_set_options(self.ctx, SSL_OP_CIPHER_SERVER_PREFERENCE)

    def curves(self, str text not None):
        """Set the groups for the exchange of keys, OpenSSL's names, best first. Raises TlsError."""
        self.groups = text.encode()
        if SSL_CTX_set1_curves_list(self.ctx, PyBytes_AS_STRING(self.groups)) != 1:
            raise TlsError(f'SSL_CTX_set1_curves_list("{text}") failed{trouble()}')

    def dh_parameters(self, str name not None, bytes octets not None):
        """Use these Diffie-Hellman parameters (PEM) for DHE ciphers. Raises TlsError."""
        cdef BIO* bio = reader(octets)
        cdef EVP_PKEY* key = PEM_read_bio_Parameters(bio, NULL)
        BIO_free(bio)
        if key == NULL:
            raise TlsError(f'PEM_read_bio_Parameters("{name}") failed{trouble()}')
        if SSL_CTX_set0_tmp_dh_pkey(self.ctx, key) != 1:
            EVP_PKEY_free(key)
            raise TlsError(f'SSL_CTX_set0_tmp_dh_pkey("{name}") failed{trouble()}')
        SSL_CTX_set_dh_auto(self.ctx, 0)

    def trust(self, str name not None, bytes octets not None, bint announce):
        """Trust these authorities (PEM); `announce` them when asking clients. Raises TlsError."""
        cdef X509_STORE* store = SSL_CTX_get_cert_store(self.ctx)
        cdef STACK_OF_X509_NAME* names = NULL
        cdef BIO* bio = reader(octets)
        cdef X509* found
        cdef int count = 0
        if announce:
            names = sk_X509_NAME_new_null()
        try:
            while True:
                found = PEM_read_bio_X509_AUX(bio, NULL, give_password, NULL)
                if found == NULL:
                    break
                count += 1
                X509_STORE_add_cert(store, found)
                if announce:
                    _add_name(names, X509_get_subject_name(found))
                X509_free(found)
            if not at_end() or count == 0:
                raise TlsError(f'SSL_CTX_load_verify_locations("{name}") failed{trouble()}')
        finally:
            BIO_free(bio)
            if announce:
                SSL_CTX_set_client_CA_list(self.ctx, names)     # which owns them from now on

    def revoke(self, str name not None, bytes octets not None):
        """Take certificates by these revocation lists (PEM) for revoked. Raises TlsError."""
        cdef X509_STORE* store = SSL_CTX_get_cert_store(self.ctx)
        cdef BIO* bio = reader(octets)
        cdef X509_CRL* found
        cdef int count = 0
        try:
            while True:
                found = PEM_read_bio_X509_CRL(bio, NULL, give_password, NULL)
                if found == NULL:
                    break
                count += 1
                X509_STORE_add_crl(store, found)
                X509_CRL_free(found)
            if not at_end() or count == 0:
                raise TlsError(f'X509_LOOKUP_load_file("{name}") failed{trouble()}')
        finally:
            BIO_free(bio)
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)

    def verify(self, int depth):
        """Ask the other side for a certificate, and judge it; what follows is up to the caller."""
        self.verify_mode = SSL_VERIFY_PEER
        self.verify_depth = depth
        SSL_CTX_set_verify(self.ctx, SSL_VERIFY_PEER, accept_any)
        SSL_CTX_set_verify_depth(self.ctx, depth)

    def command(self, str name not None, str value not None):
        """Do what SSL_CONF_cmd(3) knows of files of configuration. Raises TlsError."""
        cdef SSL_CONF_CTX* conf = SSL_CONF_CTX_new()
        cdef int done
        try:
            SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_CERTIFICATE
                                   | SSL_CONF_FLAG_SHOW_ERRORS
                                   | (SSL_CONF_FLAG_SERVER if self.server
                                      else SSL_CONF_FLAG_CLIENT))
            SSL_CONF_CTX_set_ssl_ctx(conf, self.ctx)
            done = SSL_CONF_cmd(conf, name.encode(), value.encode())
            if done <= 0:
                raise TlsError(f'SSL_CONF_cmd("{name}", "{value}") failed{trouble()}')
            if SSL_CONF_CTX_finish(conf) != 1:
                raise TlsError(f"SSL_CONF_finish() failed{trouble()}")
        finally:
            SSL_CONF_CTX_free(conf)

    def identify(self, bytes octets not None):
        """Bind sessions to these octets, 32 at most: none is resumed under other rules."""
        self.session_owner = octets[:32]
        if not self.loaned:
            SSL_CTX_set_session_id_context(
                self.ctx, <unsigned char*> PyBytes_AS_STRING(self.session_owner),
                <unsigned int> PyBytes_GET_SIZE(self.session_owner))

    def session_cache(self, bint on, long builtin, SessionCache shared):
        """Keep sessions: so many in each process, or in shared memory; neither: only say so."""
        cdef long mode = SSL_SESS_CACHE_SERVER
        self.sessions = shared
        if not on:
            mode = SSL_SESS_CACHE_OFF
        elif builtin == 0:
            mode |= SSL_SESS_CACHE_NO_INTERNAL | SSL_SESS_CACHE_NO_AUTO_CLEAR
        else:
            SSL_CTX_sess_set_cache_size(self.ctx, builtin)
        SSL_CTX_set_session_cache_mode(self.ctx, mode)

    def session_timeout(self, long seconds):
        """How long a session may be resumed."""
        SSL_CTX_set_timeout(self.ctx, seconds)

    def session_tickets(self, bint on):
        """Whether clients keep their sessions themselves, sealed."""
        if on:
            SSL_CTX_clear_options(self.ctx, SSL_OP_NO_TICKET)
        else:
            SSL_CTX_set_options(self.ctx, SSL_OP_NO_TICKET)


cdef int _add_name(STACK_OF_X509_NAME* names, X509_NAME* name) except -1:
    """Add a name that is not there yet."""
    cdef int index
    for index in range(sk_X509_NAME_num(names)):
        if X509_NAME_cmp(sk_X509_NAME_value(names, index), name) == 0:
            return 0
    sk_X509_NAME_push(names, X509_NAME_dup(name))
    return 0


cdef int accept_any(int good, X509_STORE_CTX* store) noexcept:
    """Go on whatever is found: the result stays with the connection, and the request is refused.

    So a browser shows why (nginx's 495 and 496) where an alert would be a broken connection.
    """
    return 1
