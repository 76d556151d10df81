from forkproxy.net.openssl cimport SSL, X509, X509_STORE
from forkproxy.net.tls_certificate cimport Certificate
from forkproxy.net.tls_context cimport TlsContext


cdef class Staple:
    """What an authority says of one certificate (OCSP), to be shown with it."""

    cdef readonly Certificate certificate
    cdef readonly bytes url             # of who is asked; None: it came out of a file
    cdef X509* issuer
    cdef X509_STORE* store
    cdef bint verify
    cdef bytes response                 # DER; None: there is none
    cdef double valid_until             # wall seconds
    cdef double refresh_at              # wall seconds, when it is asked for again
    cdef bint asking

    cdef int _find_issuer(self, TlsContext context) except -1
    cdef int _judge(self, bytes octets, double now) except -1


# Answer a client that asks for the staple of the certificate that it is shown; return OpenSSL's
# word for whether there is one. What is missing or old is asked for meanwhile.
cdef int staple(SSL* ssl, TlsContext context) except -1
