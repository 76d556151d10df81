"""$ssl_*: what the TLS of a client's connection is, in nginx's forms."""

from urllib.parse import quote

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.net.tls cimport TlsStream
from forkproxy.net.tls_facts cimport (
    cipher, curve, has_peer_certificate, offered_ciphers, offered_curves, peer_days_left,
    peer_fingerprint, peer_issuer, peer_pem, peer_serial, peer_subject, peer_valid_from,
    peer_valid_until, protocol_version, resumed, session_id, verify_reason, verify_result,
)

ctypedef bytes (*Fact)(TlsStream stream)


cdef class TlsVariable(Variable):
    """One of them: empty on a connection without TLS."""

    cdef Fact fact

    cdef bytes value(self, Exchange exchange):
        if exchange.client.tls is None:
            return None
        return self.fact(<TlsStream> exchange.client.tls)


cdef bytes _reused(TlsStream stream):
    return b"r" if resumed(stream) else b"."

cdef bytes _early_data(TlsStream stream):
    return None         # none is taken: what clients send early they send again

cdef bytes _server_name(TlsStream stream):
    return stream.server_name

cdef bytes _alpn_protocol(TlsStream stream):
    return stream.protocol()

cdef bytes _client_cert(TlsStream stream):
    """PEM with all lines but the first indented, fit for a field of old."""
    cdef bytes pem = peer_pem(stream)
    return None if pem is None else pem.rstrip(b"\n").replace(b"\n", b"\n\t")

cdef bytes _escaped_cert(TlsStream stream):
    cdef bytes pem = peer_pem(stream)
    return None if pem is None else quote(pem, safe="").encode()

cdef bytes _subject(TlsStream stream):
    return peer_subject(stream, False)

cdef bytes _subject_legacy(TlsStream stream):
    return peer_subject(stream, True)

cdef bytes _issuer(TlsStream stream):
    return peer_issuer(stream, False)

cdef bytes _issuer_legacy(TlsStream stream):
    return peer_issuer(stream, True)

cdef bytes _verify(TlsStream stream):
    cdef long result
    if not has_peer_certificate(stream):
        return b"NONE"
    result = verify_result(stream)
    return b"SUCCESS" if result == 0 else b"FAILED:" + verify_reason(result).encode()


cdef int _know(dict slots, str name, Fact fact) except -1:
    cdef TlsVariable made = TlsVariable(name)
    made.fact = fact
    slots[name] = made
    return 0


def define(making):
    """Add them to the variables of a generation."""
    cdef dict slots = making.slots
    _know(slots, "ssl_protocol", protocol_version)
    _know(slots, "ssl_cipher", cipher)
    _know(slots, "ssl_ciphers", offered_ciphers)
    _know(slots, "ssl_curve", curve)
    _know(slots, "ssl_curves", offered_curves)
    _know(slots, "ssl_session_id", session_id)
    _know(slots, "ssl_session_reused", _reused)
    _know(slots, "ssl_early_data", _early_data)
    _know(slots, "ssl_server_name", _server_name)
    _know(slots, "ssl_alpn_protocol", _alpn_protocol)
    _know(slots, "ssl_client_cert", _client_cert)
    _know(slots, "ssl_client_raw_cert", peer_pem)
    _know(slots, "ssl_client_escaped_cert", _escaped_cert)
    _know(slots, "ssl_client_s_dn", _subject)
    _know(slots, "ssl_client_i_dn", _issuer)
    _know(slots, "ssl_client_s_dn_legacy", _subject_legacy)
    _know(slots, "ssl_client_i_dn_legacy", _issuer_legacy)
    _know(slots, "ssl_client_serial", peer_serial)
    _know(slots, "ssl_client_fingerprint", peer_fingerprint)
    _know(slots, "ssl_client_verify", _verify)
    _know(slots, "ssl_client_v_start", peer_valid_from)
    _know(slots, "ssl_client_v_end", peer_valid_until)
    _know(slots, "ssl_client_v_remain", peer_days_left)
