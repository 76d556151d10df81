"""What is known of a TLS connection: its version, its ciphers, the other side's certificate."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.net.openssl cimport *
from forkproxy.net.tls cimport TlsStream


cdef bytes protocol_version(TlsStream stream):
    return None if stream.ssl == NULL else <bytes> SSL_get_version(stream.ssl)


cdef bytes cipher(TlsStream stream):
    if stream.ssl == NULL:
        return None
    return <bytes> SSL_CIPHER_get_name(SSL_get_current_cipher(stream.ssl))


cdef bytes offered_ciphers(TlsStream stream):
    """The ciphers that the client offered, by OpenSSL's names; those without one as numbers."""
    cdef unsigned char* octets = NULL
    cdef size_t length, at
    cdef const SSL_CIPHER* found
    cdef list names = []
    if stream.ssl == NULL:
        return None
    length = SSL_get0_raw_cipherlist(stream.ssl, &octets)
    for at in range(0, length - length % 2, 2):
        found = SSL_CIPHER_find(stream.ssl, octets + at)
        names.append(b"0x%02x%02x" % (octets[at], octets[at + 1]) if found == NULL
                     else <bytes> SSL_CIPHER_get_name(found))
    return b":".join(names)


cdef bytes _group_name(int nid):
    """A group by OpenSSL's short name; TLSEXT_nid_unknown marks those it does not know."""
    if nid & 0x1000000:
        return b"0x%04x" % (nid & 0xffff)
    return <bytes> OBJ_nid2sn(nid)


cdef bytes curve(TlsStream stream):
    cdef long nid
    if stream.ssl == NULL:
        return None
    nid = SSL_get_negotiated_group(stream.ssl)
    return None if nid == NID_undef else _group_name(<int> nid)


cdef bytes offered_curves(TlsStream stream):
    cdef int[64] nids
    cdef int count, index
    if stream.ssl == NULL:
        return None
    count = SSL_get1_curves(stream.ssl, NULL)
    if count <= 0 or count > 64:
        return None
    SSL_get1_curves(stream.ssl, nids)
    return b":".join([_group_name(nids[index]) for index in range(count)])


cdef bytes session_id(TlsStream stream):
    cdef const unsigned char* id
    cdef unsigned int length = 0
    cdef SSL_SESSION* session
    if stream.ssl == NULL:
        return None
    session = SSL_get_session(stream.ssl)
    if session == NULL:
        return None
    id = SSL_SESSION_get_id(session, &length)
    return (<bytes> id[:length]).hex().encode()


cdef bint resumed(TlsStream stream) noexcept:
    return stream.ssl != NULL and SSL_session_reused(stream.ssl) != 0


cdef bint has_peer_certificate(TlsStream stream) noexcept:
    cdef X509* found = _peer(stream)
    X509_free(found)
    return found != NULL


cdef X509* _peer(TlsStream stream) noexcept:
    """The other side's certificate, for the caller to free; NULL where it showed none."""
    return NULL if stream.ssl == NULL else SSL_get1_peer_certificate(stream.ssl)


cdef long verify_result(TlsStream stream) noexcept:
    return SSL_get_verify_result(stream.ssl)


cdef str verify_reason(long result):
    return (<bytes> X509_verify_cert_error_string(result)).decode()


cdef bint only_untrusted(long result) noexcept:
    return (result == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
            or result == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN
            or result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
            or result == X509_V_ERR_CERT_UNTRUSTED
            or result == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)


cdef bint peer_has_name(TlsStream stream, bytes name) except -1:
    """Whether the other side's certificate is for a host name or an address (RFC 6125)."""
    cdef X509* found = _peer(stream)
    cdef int fits
    if found == NULL:
        return False
    fits = X509_check_host(found, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name), 0, NULL)
    if fits != 1:
        fits = X509_check_ip_asc(found, PyBytes_AS_STRING(name), 0)
    X509_free(found)
    return fits == 1


cdef bytes _take(BIO* bio):
    """What was printed; frees the BIO."""
    cdef char* octets = NULL
    cdef long length = BIO_get_mem_data(bio, &octets)
    cdef bytes text = octets[:length]
    BIO_free(bio)
    return text


cdef bytes peer_pem(TlsStream stream):
    cdef X509* found = _peer(stream)
    cdef BIO* bio
    if found == NULL:
        return None
    bio = BIO_new(BIO_s_mem())
    PEM_write_bio_X509(bio, found)
    X509_free(found)
    return _take(bio)


cdef bytes _name(const X509_NAME* name, bint legacy):
    cdef BIO* bio
    cdef char* line
    cdef bytes text
    if legacy:
        line = X509_NAME_oneline(name, NULL, 0)
        text = <bytes> line
        OPENSSL_free(line)
        return text
    bio = BIO_new(BIO_s_mem())
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253)
    return _take(bio)


cdef bytes peer_subject(TlsStream stream, bint legacy):
    cdef X509* found = _peer(stream)
    cdef bytes text
    if found == NULL:
        return None
    text = _name(X509_get_subject_name(found), legacy)
    X509_free(found)
    return text


cdef bytes peer_issuer(TlsStream stream, bint legacy):
    cdef X509* found = _peer(stream)
    cdef bytes text
    if found == NULL:
        return None
    text = _name(X509_get_issuer_name(found), legacy)
    X509_free(found)
    return text


cdef bytes peer_serial(TlsStream stream):
    cdef X509* found = _peer(stream)
    cdef BIO* bio
    if found == NULL:
        return None
    bio = BIO_new(BIO_s_mem())
    i2a_ASN1_INTEGER(bio, X509_get_serialNumber(found))
    X509_free(found)
    return _take(bio)


cdef bytes peer_fingerprint(TlsStream stream):
    cdef X509* found = _peer(stream)
    cdef unsigned char[64] digest
    cdef unsigned int length = 0
    if found == NULL:
        return None
    X509_digest(found, EVP_sha1(), digest, &length)
    X509_free(found)
    return (<bytes> digest[:length]).hex().encode()


cdef bytes _moment(TlsStream stream, bint end):
    cdef X509* found = _peer(stream)
    cdef BIO* bio
    if found == NULL:
        return None
    bio = BIO_new(BIO_s_mem())
    ASN1_TIME_print(bio, X509_get0_notAfter(found) if end else X509_get0_notBefore(found))
    X509_free(found)
    return _take(bio)


cdef bytes peer_valid_from(TlsStream stream):
    return _moment(stream, False)


cdef bytes peer_valid_until(TlsStream stream):
    return _moment(stream, True)


cdef bytes peer_days_left(TlsStream stream):
    cdef X509* found = _peer(stream)
    cdef int days = 0, seconds = 0
    if found == NULL:
        return None
    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(found))
    X509_free(found)
    return b"%d" % max(0, days)
