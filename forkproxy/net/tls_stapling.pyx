"""OCSP stapling (RFC 6066 §8, RFC 6960): what is asked of an authority, and which answer is good.

Whoever fetches is of the floors above: a context's `fetch` is called with the Staple that is
wanted, and must not wait. Until there is an answer, clients are shown none.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memcpy

from forkproxy.clock cimport wall
from forkproxy.net.openssl cimport *
from forkproxy.net.tls_certificate cimport Certificate, trouble
from forkproxy.net.tls_context cimport TlsContext

from forkproxy.net.tls_certificate import TlsError

cdef extern from "<openssl/ocsp.h>" nogil:
    ctypedef struct OCSP_REQUEST:
        pass
    ctypedef struct OCSP_RESPONSE:
        pass
    ctypedef struct OCSP_BASICRESP:
        pass
    ctypedef struct OCSP_CERTID:
        pass
    ctypedef struct OCSP_ONEREQ:
        pass
    ctypedef struct ASN1_GENERALIZEDTIME:
        pass
    ctypedef struct STACK_OF_STRINGS "STACK_OF(OPENSSL_STRING)":
        pass
    int OCSP_RESPONSE_STATUS_SUCCESSFUL
    int V_OCSP_CERTSTATUS_GOOD
    unsigned long OCSP_TRUSTOTHER
    unsigned long OCSP_NOVERIFY
    OCSP_CERTID* OCSP_cert_to_id(const EVP_MD* digest, const X509* subject, const X509* issuer)
    void OCSP_CERTID_free(OCSP_CERTID* id)
    OCSP_REQUEST* OCSP_REQUEST_new()
    void OCSP_REQUEST_free(OCSP_REQUEST* request)
    OCSP_ONEREQ* OCSP_request_add0_id(OCSP_REQUEST* request, OCSP_CERTID* id)
    int i2d_OCSP_REQUEST(OCSP_REQUEST* request, unsigned char** into)
    OCSP_RESPONSE* d2i_OCSP_RESPONSE(OCSP_RESPONSE** into, const unsigned char** at, long length)
    void OCSP_RESPONSE_free(OCSP_RESPONSE* response)
    int OCSP_response_status(OCSP_RESPONSE* response)
    const char* OCSP_response_status_str(long status)
    OCSP_BASICRESP* OCSP_response_get1_basic(OCSP_RESPONSE* response)
    void OCSP_BASICRESP_free(OCSP_BASICRESP* basic)
    int OCSP_basic_verify(OCSP_BASICRESP* basic, STACK_OF_X509* certificates, X509_STORE* store,
                          unsigned long flags)
    int OCSP_resp_find_status(OCSP_BASICRESP* basic, OCSP_CERTID* id, int* status, int* reason,
                              ASN1_GENERALIZEDTIME** revoked_at, ASN1_GENERALIZEDTIME** this_update,
                              ASN1_GENERALIZEDTIME** next_update)
    int OCSP_check_validity(ASN1_GENERALIZEDTIME* this_update, ASN1_GENERALIZEDTIME* next_update,
                            long seconds, long oldest)
    const char* OCSP_cert_status_str(long status)
    STACK_OF_STRINGS* X509_get1_ocsp(X509* certificate)
    void X509_email_free(STACK_OF_STRINGS* urls)
    int sk_OPENSSL_STRING_num(const STACK_OF_STRINGS* urls)
    char* sk_OPENSSL_STRING_value(const STACK_OF_STRINGS* urls, int index)

cdef extern from "<openssl/x509_vfy.h>" nogil:
    int X509_check_issued(X509* issuer, X509* subject)
    X509_STORE_CTX* X509_STORE_CTX_new()
    void X509_STORE_CTX_free(X509_STORE_CTX* context)
    int X509_STORE_CTX_init(X509_STORE_CTX* context, X509_STORE* store, X509* certificate,
                            STACK_OF_X509* others)
    int X509_STORE_CTX_get1_issuer(X509** issuer, X509_STORE_CTX* context, X509* certificate)
    int X509_STORE_up_ref(X509_STORE* store)
    void X509_STORE_free(X509_STORE* store)

cdef extern from "<openssl/asn1.h>" nogil:
    int asn1_diff "ASN1_TIME_diff" (int* days, int* seconds, const void* since, const void* until)

cdef extern from "<openssl/ssl.h>" nogil:
    X509* SSL_get_certificate(const SSL* ssl)
    void* OPENSSL_malloc(size_t size)

# As nginx: an answer is asked for again after an hour at most and five minutes at least.
DEF SOONEST = 300.0
DEF LATEST = 3600.0
DEF SKEW = 300              # seconds that clocks may differ
DEF FOREVER = 1e300


cdef class Staple:

    def __init__(self, TlsContext context not None, Certificate certificate not None,
                 bytes url=None, bint verify=False, bytes response=None):
        """Of a response in a file, or by who is asked: `url`, or the one in the certificate.

        Raises TlsError where the response is none, or where nobody can be asked.
        """
        certificate.open()
        self.certificate = certificate
        self.verify = verify
        self.store = SSL_CTX_get_cert_store(context.ctx)
        X509_STORE_up_ref(self.store)
        if response is not None:
            self._from_file(response)
            return
        self._find_issuer(context)
        self.url = url or _responder(certificate.leaf)
        if self.url is None:
            raise TlsError(f'no OCSP responder URL in the certificate "{certificate.name}"')

    def __dealloc__(self):
        X509_free(self.issuer)
        X509_STORE_free(self.store)

    def _from_file(self, bytes response not None):
        cdef const unsigned char* at = <const unsigned char*> PyBytes_AS_STRING(response)
        cdef OCSP_RESPONSE* found = d2i_OCSP_RESPONSE(NULL, &at, PyBytes_GET_SIZE(response))
        if found == NULL:
            raise TlsError(f"d2i_OCSP_RESPONSE_bio() failed{trouble()}")
        OCSP_RESPONSE_free(found)
        self.response = response
        self.valid_until = self.refresh_at = FOREVER

    cdef int _find_issuer(self, TlsContext context) except -1:
        """Of the chain, or of the authorities that are trusted."""
        cdef X509* leaf = self.certificate.leaf
        cdef X509_STORE_CTX* lookup
        cdef int index
        for index in range(sk_X509_num(self.certificate.chain.stack)):
            self.issuer = sk_X509_value(self.certificate.chain.stack, index)
            if X509_check_issued(self.issuer, leaf) == X509_V_OK:
                X509_up_ref(self.issuer)
                return 0
        self.issuer = NULL
        lookup = X509_STORE_CTX_new()
        if lookup != NULL and X509_STORE_CTX_init(lookup, self.store, NULL, NULL) == 1:
            if X509_STORE_CTX_get1_issuer(&self.issuer, lookup, leaf) != 1:
                self.issuer = NULL
        X509_STORE_CTX_free(lookup)
        if self.issuer == NULL:
            name = self.certificate.name
            raise TlsError(f'issuer certificate not found for certificate "{name}"')
        return 0

    def request(self):
        """Return what to ask, in DER (RFC 6960 §4.1)."""
        cdef OCSP_REQUEST* made = OCSP_REQUEST_new()
        cdef OCSP_CERTID* id = OCSP_cert_to_id(NULL, self.certificate.leaf, self.issuer)
        cdef unsigned char* octets = NULL
        cdef int length
        if made == NULL or id == NULL or OCSP_request_add0_id(made, id) == NULL:
            OCSP_REQUEST_free(made)
            raise TlsError(f"OCSP_request_add0_id() failed{trouble()}")
        length = i2d_OCSP_REQUEST(made, &octets)
        OCSP_REQUEST_free(made)
        if length <= 0:
            raise TlsError(f"i2d_OCSP_REQUEST() failed{trouble()}")
        try:
            return <bytes> octets[:length]
        finally:
            OPENSSL_free(octets)

    def take(self, bytes octets not None):
        """Show this answer from now on. Raises TlsError where it is none that may be shown."""
        cdef double now = wall()
        self._judge(octets, now)
        self.response = octets
        self.refresh_at = max(min(self.valid_until - SKEW, now + LATEST), now + SOONEST)
        self.asking = False

    def give_up(self):
        """Nobody answered, or nothing good: try again later. What is there is shown meanwhile."""
        self.refresh_at = wall() + SOONEST
        self.asking = False

    cdef int _judge(self, bytes octets, double now) except -1:
        cdef const unsigned char* at = <const unsigned char*> PyBytes_AS_STRING(octets)
        cdef OCSP_RESPONSE* response = d2i_OCSP_RESPONSE(NULL, &at, PyBytes_GET_SIZE(octets))
        cdef OCSP_BASICRESP* basic = NULL
        cdef OCSP_CERTID* id = NULL
        cdef ASN1_GENERALIZEDTIME* this_update = NULL
        cdef ASN1_GENERALIZEDTIME* next_update = NULL
        cdef int status = -1, days = 0, seconds = 0
        try:
            if response == NULL:
                raise TlsError(f"d2i_OCSP_RESPONSE() failed{trouble()}")
            status = OCSP_response_status(response)
            if status != OCSP_RESPONSE_STATUS_SUCCESSFUL:
                said = (<bytes> OCSP_response_status_str(status)).decode()
                raise TlsError(f"OCSP response not successful ({status}: {said})")
            basic = OCSP_response_get1_basic(response)
            if basic == NULL:
                raise TlsError(f"OCSP_response_get1_basic() failed{trouble()}")
            if OCSP_basic_verify(basic, self.certificate.chain.stack, self.store,
                                 OCSP_TRUSTOTHER if self.verify else OCSP_NOVERIFY) != 1:
                raise TlsError(f"OCSP_basic_verify() failed{trouble()}")
            id = OCSP_cert_to_id(NULL, self.certificate.leaf, self.issuer)
            if id == NULL or OCSP_resp_find_status(basic, id, &status, NULL, NULL, &this_update,
                                                   &next_update) != 1:
                raise TlsError("certificate status not found in the OCSP response")
            if status != V_OCSP_CERTSTATUS_GOOD:
                said = (<bytes> OCSP_cert_status_str(status)).decode()
                raise TlsError(f'certificate status "{said}" in the OCSP response')
            if OCSP_check_validity(this_update, next_update, SKEW, -1) != 1:
                raise TlsError(f"OCSP_check_validity() failed{trouble()}")
            self.valid_until = FOREVER
            if next_update != NULL and asn1_diff(&days, &seconds, NULL, next_update):
                self.valid_until = now + 86400.0 * days + seconds
        finally:
            OCSP_CERTID_free(id)
            OCSP_BASICRESP_free(basic)
            OCSP_RESPONSE_free(response)
        return 0


cdef bytes _responder(X509* leaf):
    """The URL of the first responder that a certificate names; None where it names none."""
    cdef STACK_OF_STRINGS* urls = X509_get1_ocsp(leaf)
    cdef bytes found = None
    if urls != NULL and sk_OPENSSL_STRING_num(urls) > 0:
        found = <bytes> sk_OPENSSL_STRING_value(urls, 0)
    X509_email_free(urls)
    return found


cdef int staple(SSL* ssl, TlsContext context) except -1:
    cdef X509* shown = SSL_get_certificate(ssl)
    cdef double now = wall()
    cdef Staple found = None
    cdef void* copied
    for one in context.staples:
        if (<Staple> one).certificate.leaf == shown:
            found = <Staple> one
            break
    if found is None:
        return SSL_TLSEXT_ERR_NOACK
    if found.refresh_at <= now and not found.asking:
        found.asking = True
        context.fetch(found)
    if found.response is None or found.valid_until <= now:
        return SSL_TLSEXT_ERR_NOACK
    copied = OPENSSL_malloc(PyBytes_GET_SIZE(found.response))      # OpenSSL frees it
    if copied == NULL:
        return SSL_TLSEXT_ERR_NOACK
    memcpy(copied, PyBytes_AS_STRING(found.response), PyBytes_GET_SIZE(found.response))
    SSL_set_tlsext_status_ocsp_resp(ssl, copied, PyBytes_GET_SIZE(found.response))
    return SSL_TLSEXT_ERR_OK
