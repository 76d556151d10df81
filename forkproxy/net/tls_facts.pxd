"""What is known of a TLS connection, as nginx's $ssl_* print it; None where there is none."""

from forkproxy.net.tls cimport TlsStream

cdef bytes protocol_version(TlsStream stream)
cdef bytes cipher(TlsStream stream)
cdef bytes offered_ciphers(TlsStream stream)
cdef bytes curve(TlsStream stream)
cdef bytes offered_curves(TlsStream stream)
cdef bytes session_id(TlsStream stream)
cdef bint resumed(TlsStream stream) noexcept
cdef bytes peer_pem(TlsStream stream)
cdef bytes peer_subject(TlsStream stream, bint legacy)
cdef bytes peer_issuer(TlsStream stream, bint legacy)
cdef bytes peer_serial(TlsStream stream)
cdef bytes peer_fingerprint(TlsStream stream)
cdef bytes peer_valid_from(TlsStream stream)
cdef bytes peer_valid_until(TlsStream stream)
cdef bytes peer_days_left(TlsStream stream)

# Of the other side's certificate: whether it showed one, and what came of judging it.
cdef bint has_peer_certificate(TlsStream stream) noexcept
cdef long verify_result(TlsStream stream) noexcept
cdef str verify_reason(long result)
cdef bint only_untrusted(long result) noexcept     # nothing is wrong with it but who issued it
cdef bint peer_has_name(TlsStream stream, bytes name) except -1
