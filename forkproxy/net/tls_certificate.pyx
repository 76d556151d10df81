"""Certificates with their chains and keys.

The master reads them, while it may still read the keys; the workers inherit them. What is wrong
with one is found here, in nginx's words, and never in a worker.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcpy

from hashlib import sha256
from weakref import WeakValueDictionary

from forkproxy.clock cimport wall
from forkproxy.net.openssl cimport *

from forkproxy.wire.certificate import read_plain


class TlsError(Exception):
    """Something that OpenSSL does not take; the text is nginx's."""


cdef str trouble():
    cdef char text[256]
    cdef unsigned long first = ERR_get_error()
    ERR_clear_error()
    if first == 0:
        return ""
    ERR_error_string_n(first, text, sizeof(text))
    return f" (SSL: {text.decode(errors='replace')})"


cdef int give_password(char* into, int room, int writing, void* data) noexcept:
    """Answer PEM's question for a password with the one we were given; none is an empty one."""
    cdef bytes password
    if data == NULL:
        return 0
    password = <bytes> data
    if PyBytes_GET_SIZE(password) > room:
        return 0
    memcpy(into, PyBytes_AS_STRING(password), PyBytes_GET_SIZE(password))
    return <int> PyBytes_GET_SIZE(password)


cdef BIO* reader(bytes octets) except NULL:
    """A BIO over octets, which must stay."""
    cdef BIO* bio = BIO_new_mem_buf(PyBytes_AS_STRING(octets), <int> PyBytes_GET_SIZE(octets))
    if bio == NULL:
        raise MemoryError()
    return bio


cdef bint at_end() noexcept:
    """Whether PEM found nothing more, which is no error."""
    cdef unsigned long last = ERR_peek_last_error()
    if ERR_GET_LIB(last) == ERR_LIB_PEM and ERR_GET_REASON(last) == PEM_R_NO_START_LINE:
        ERR_clear_error()
        return True
    return False


cdef class Chain:

    def __dealloc__(self):
        if self.stack != NULL:
            sk_X509_pop_free(self.stack, X509_free)


# By their PEM: thousands of certificates have one issuer, which is read once.
cdef object chains = WeakValueDictionary()


cdef Chain read_chain(BIO* bio, str name):
    """All certificates that follow. Raises TlsError."""
    cdef Chain made = Chain.__new__(Chain)
    cdef X509* found
    made.stack = sk_X509_new_null()
    while True:
        found = PEM_read_bio_X509(bio, NULL, give_password, NULL)
        if found == NULL:
            break
        sk_X509_push(made.stack, found)
    if not at_end():
        raise TlsError(f'cannot load certificate "{name}": PEM_read_bio_X509() failed{trouble()}')
    return made


cdef class Certificate:

    def __init__(self, str name not None, bytes certificate not None, str key_name not None,
                 bytes key not None, passwords=()):
        """Read PEM; the passwords are tried one after another. Raises TlsError.

        What is plainly good waits for its first handshake, or for whoever calls `open`.
        """
        self.name = name
        self.key_name = key_name
        plain = read_plain(certificate, key)
        if plain is None:
            self._read(certificate)
            self._read_key(key, passwords)
            if X509_check_private_key(self.leaf, self.key) != 1:
                raise TlsError(f'SSL_CTX_use_PrivateKey("{key_name}") failed{trouble()}')
            return
        self.der, self.expires, rest = plain
        self.pem_key = key
        self.chain = chains.get(rest)
        if self.chain is None:
            self.chain = chains[rest] = _chain_of(rest, name)

    cdef int open(self) except -1:
        cdef const unsigned char* octets
        if self.leaf != NULL:
            return 0
        octets = <const unsigned char*> PyBytes_AS_STRING(self.der)
        self.leaf = d2i_X509(NULL, &octets, PyBytes_GET_SIZE(self.der))
        if self.leaf == NULL:
            raise TlsError(f'cannot load certificate "{self.name}": d2i_X509() failed{trouble()}')
        self._read_key(self.pem_key, ())
        self.der = self.pem_key = None
        return 0

    cdef int _read(self, bytes octets) except -1:
        cdef BIO* bio = reader(octets)
        cdef int days = 0, seconds = 0
        try:
            self.leaf = PEM_read_bio_X509_AUX(bio, NULL, give_password, NULL)
            if self.leaf == NULL:
                raise TlsError(f'cannot load certificate "{self.name}": '
                               f'PEM_read_bio_X509_AUX() failed{trouble()}')
            self.chain = read_chain(bio, self.name)
        finally:
            BIO_free(bio)
        ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(self.leaf))
        self.expires = wall() + 86400.0 * days + seconds
        return 0

    cdef int _read_key(self, bytes octets, passwords) except -1:
        cdef BIO* bio
        cdef str reason = ""
        self.key = _plain_key(octets)
        if self.key != NULL:
            return 0
        self.locked = b"ENCRYPTED" in octets
        for password in list(passwords) or [None]:
            bio = reader(octets)
            self.key = PEM_read_bio_PrivateKey(
                bio, NULL, give_password, NULL if password is None else <void*> password)
            BIO_free(bio)
            if self.key != NULL:
                return 0
            reason = trouble()
        raise TlsError(f'cannot load certificate key "{self.key_name}": '
                       f'PEM_read_bio_PrivateKey() failed{reason}')

    def fingerprint(self):
        """Return the SHA-256 of the certificate."""
        if self.der is not None:
            return sha256(self.der).digest()
        cdef unsigned char[64] digest
        cdef unsigned int length = 0
        X509_digest(self.leaf, EVP_sha256(), digest, &length)
        return digest[:length]

    def __dealloc__(self):
        X509_free(self.leaf)
        EVP_PKEY_free(self.key)


cdef Chain _chain_of(bytes octets, str name):
    cdef BIO* bio = reader(octets)
    try:
        return read_chain(bio, name)
    finally:
        BIO_free(bio)


# PEM_read_bio_PrivateKey looks for a decoder anew each time, which takes 0.7 ms of its 0.8: with
# ten thousand keys that is the whole start. One that is kept does the usual forms in 0.1 ms.
cdef OSSL_DECODER_CTX* decoder = NULL
cdef EVP_PKEY* decoded = NULL
cdef tuple PLAIN = (b"-----BEGIN PRIVATE KEY-----", b"-----BEGIN EC PRIVATE KEY-----",
                    b"-----BEGIN RSA PRIVATE KEY-----")


cdef EVP_PKEY* _plain_key(bytes octets):
    """A key that stands alone and needs no password; NULL for all else."""
    global decoder, decoded
    cdef const unsigned char* start = <const unsigned char*> PyBytes_AS_STRING(octets)
    cdef size_t length = PyBytes_GET_SIZE(octets)
    if not octets.startswith(PLAIN) or b"Proc-Type" in octets:
        return NULL
    if decoder == NULL:
        decoder = OSSL_DECODER_CTX_new_for_pkey(&decoded, "PEM", NULL, NULL, EVP_PKEY_KEYPAIR, NULL,
                                                NULL)
    decoded = NULL
    if decoder == NULL or OSSL_DECODER_from_data(decoder, &start, &length) != 1:
        ERR_clear_error()
        EVP_PKEY_free(decoded)
        return NULL
    return decoded


cdef int show_certificate(SSL* ssl, Certificate certificate) except -1:
    certificate.open()
    if SSL_use_certificate(ssl, certificate.leaf) != 1:
        raise TlsError(f'SSL_use_certificate("{certificate.name}") failed{trouble()}')
    if SSL_set1_chain(ssl, certificate.chain.stack) != 1:
        raise TlsError(f'SSL_set1_chain("{certificate.name}") failed{trouble()}')
    if SSL_use_PrivateKey(ssl, certificate.key) != 1:
        raise TlsError(f'SSL_use_PrivateKey("{certificate.name}") failed{trouble()}')
    return 0
