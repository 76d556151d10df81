"""Certificates as people read them: whose they are, until when, and whether a key is theirs."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.net.openssl cimport *
from forkproxy.net.tls_certificate cimport trouble

from forkproxy.net.tls_certificate import TlsError


def described(bytes pem not None):
    """Return (what, value) of the first certificate in PEM. Raises TlsError."""
    cdef X509* found = _first(pem)
    try:
        return [
            ("Serial", _printed_serial(found)),
            ("notBefore", _printed_time(X509_get0_notBefore(found))),
            ("notAfter", _printed_time(X509_get0_notAfter(found))),
            ("Subject Alternative Name", _names(found)),
            ("Algorithm", _algorithm(X509_get0_pubkey(found))),
            ("SHA1 FingerPrint", _digest(found)),
            ("Subject", _line(X509_get_subject_name(found))),
            ("Issuer", _line(X509_get_issuer_name(found))),
        ]
    finally:
        X509_free(found)


def same_key(bytes pem not None, bytes other not None):
    """Tell whether two certificates are for the same key. Raises TlsError."""
    cdef X509* one = _first(pem)
    cdef X509* second = NULL
    try:
        second = _first(other)
        return EVP_PKEY_eq(X509_get0_pubkey(one), X509_get0_pubkey(second)) == 1
    finally:
        X509_free(one)
        X509_free(second)
        ERR_clear_error()


cdef BIO* _reader(bytes octets) except NULL:
    """A BIO over octets, which must stay."""
    cdef BIO* bio = BIO_new_mem_buf(PyBytes_AS_STRING(octets), <int> PyBytes_GET_SIZE(octets))
    if bio == NULL:
        raise MemoryError()
    return bio


cdef X509* _first(bytes pem) except NULL:
    """The first certificate in PEM, for the caller to free."""
    cdef BIO* bio = _reader(pem)
    cdef X509* found = PEM_read_bio_X509_AUX(bio, NULL, NULL, <void*> b"")
    BIO_free(bio)
    if found == NULL:
        raise TlsError(f"cannot load certificate{trouble()}")
    return found


cdef str _taken(BIO* bio):
    """What was printed; frees the BIO."""
    cdef char* octets = NULL
    cdef long length = BIO_get_mem_data(bio, &octets)
    cdef bytes text = octets[:length]
    BIO_free(bio)
    return text.decode("utf-8", "replace").strip()


cdef str _printed_serial(X509* certificate):
    cdef BIO* bio = BIO_new(BIO_s_mem())
    i2a_ASN1_INTEGER(bio, X509_get_serialNumber(certificate))
    return _taken(bio)


cdef str _printed_time(const ASN1_TIME* moment):
    cdef BIO* bio = BIO_new(BIO_s_mem())
    ASN1_TIME_print(bio, moment)
    return _taken(bio)


cdef str _names(X509* certificate):
    cdef int place = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)
    cdef BIO* bio
    if place < 0:
        return ""
    bio = BIO_new(BIO_s_mem())
    X509V3_EXT_print(bio, X509_get_ext(certificate, place), 0, 0)
    return _taken(bio)


cdef str _algorithm(EVP_PKEY* key):
    """EC256, RSA2048."""
    if key == NULL:
        return ""
    return f"{(<bytes> EVP_PKEY_get0_type_name(key)).decode()}{EVP_PKEY_get_bits(key)}"


cdef str _digest(X509* certificate):
    cdef unsigned char[64] digest
    cdef unsigned int length = 0
    X509_digest(certificate, EVP_sha1(), digest, &length)
    return (<bytes> digest[:length]).hex().upper()


cdef str _line(const X509_NAME* name):
    cdef char* line = X509_NAME_oneline(name, NULL, 0)
    cdef bytes text = <bytes> line
    OPENSSL_free(line)
    return text.decode("utf-8", "replace")
