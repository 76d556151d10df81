"""Handshakes with clients, counted as NGINX Plus counts them: how many, and why some failed."""

from forkproxy.net.tls cimport TlsStream
from forkproxy.net.tls_facts cimport has_peer_certificate, resumed, verify_result
from forkproxy.shared.scoreboard cimport (
    SSL_EXPIRED_CERT, SSL_HANDSHAKE_TIMEOUT, SSL_HANDSHAKES, SSL_HANDSHAKES_FAILED, SSL_NO_CERT,
    SSL_NO_COMMON_CIPHER, SSL_NO_COMMON_PROTOCOL, SSL_OTHER, SSL_PEER_REJECTED_CERT,
    SSL_REVOKED_CERT, SSL_SESSION_REUSES, ZONE_HANDSHAKES, ZONE_HANDSHAKES_FAILED,
    ZONE_SESSION_REUSES,
)
from forkproxy.shared.tally cimport Tally

DEF X509_V_OK = 0
DEF X509_V_ERR_CERT_HAS_EXPIRED = 10
DEF X509_V_ERR_CERT_REVOKED = 23

# OpenSSL's reasons (SSL_R_…) that have a number of their own. From 1000 on they are alerts of the
# other side (RFC 8446 §6.2), here those that say our certificate is not liked.
cdef dict REASONS = {258: SSL_NO_COMMON_PROTOCOL, 193: SSL_NO_COMMON_CIPHER}
for _alert in (42, 43, 44, 45, 46, 48):
    REASONS[1000 + _alert] = SSL_PEER_REJECTED_CERT


cdef class Handshakes:

    def __init__(self, Tally all not None, Tally zone):
        self.all = all
        self.zone = zone

    cdef int done(self, TlsStream stream) except -1:
        """One has come to its end; what is wrong with the client's certificate is told later."""
        cdef bint again = resumed(stream)
        cdef long result
        self.all.add(<int> SSL_HANDSHAKES)
        if again:
            self.all.add(<int> SSL_SESSION_REUSES)
        if self.zone is not None:
            self.zone.add(<int> ZONE_HANDSHAKES)
            if again:
                self.zone.add(<int> ZONE_SESSION_REUSES)
        if stream.context.verify_mode:
            result = verify_result(stream)
            if result == X509_V_ERR_CERT_HAS_EXPIRED:
                self.all.add(<int> SSL_EXPIRED_CERT)
            elif result == X509_V_ERR_CERT_REVOKED:
                self.all.add(<int> SSL_REVOKED_CERT)
            elif result != X509_V_OK:
                self.all.add(<int> SSL_OTHER)
            elif not has_peer_certificate(stream):
                self.all.add(<int> SSL_NO_CERT)
        return 0

    cdef int failed(self, object error) except -1:
        """One has not: with TlsFailed, whose `reason` is OpenSSL's, or TimeoutError."""
        self.all.add(<int> SSL_HANDSHAKES_FAILED)
        if self.zone is not None:
            self.zone.add(<int> ZONE_HANDSHAKES_FAILED)
        if isinstance(error, TimeoutError):
            self.all.add(<int> SSL_HANDSHAKE_TIMEOUT)
            return 0
        cell = REASONS.get(getattr(error, "reason", 0))
        if cell is not None:
            self.all.add(<int> cell)
        return 0
