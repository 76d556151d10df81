"""Who may ask a server that is reached by TLS: nginx's 421, 495, 496 and 497.

A handshake chooses a server by its SNI, a request chooses one by its Host. What is judged here is
that the second is not a way around what the first demanded.
"""

from forkproxy.core.exchange cimport Client, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Server, Step
from forkproxy.net.tls cimport TlsStream
from forkproxy.net.tls_facts cimport (
    has_peer_certificate, only_untrusted, verify_reason, verify_result,
)

DEF X509_V_OK = 0
DEF ON = 1              # of ssl_verify_client
DEF OPTIONAL_NO_CA = 3


cdef class TlsRules(Step):
    """The first step of a server that listens for TLS, or that wants certificates of clients."""

    cdef Server server

    cdef bint harmless(self) noexcept:
        return self.server.verify_client == 0       # nobody shows a certificate there

    cdef Response run(self, Exchange exchange):
        cdef Client client = exchange.client
        cdef TlsStream stream
        if exchange.internal:
            return None         # it passed here when it came; an error page must not be refused
        if client.tls is None:
            if client.plain_on_tls:
                exchange.failure = b"client sent plain HTTP request to HTTPS port"
                return fault(exchange, 497)
            return None
        if self.server.verify_client == 0:
            return None
        stream = <TlsStream> client.tls
        if _misdirected(self.server, stream):
            exchange.failure = (b"client attempted to request the server name different from "
                                b"the one that was negotiated")
            return fault(exchange, 421)
        return self._judged(exchange, stream)

    cdef Response _judged(self, Exchange exchange, TlsStream stream):
        """The answer to a client whose certificate will not do; None where it does."""
        cdef long result = verify_result(stream)
        if result != X509_V_OK and not (self.server.verify_client == OPTIONAL_NO_CA
                                        and only_untrusted(result)):
            exchange.failure = (f"client SSL certificate verify error: "
                                f"({result}:{verify_reason(result)})").encode()
            return fault(exchange, 495)
        if self.server.verify_client == ON and not has_peer_certificate(stream):
            exchange.failure = b"client sent no required SSL certificate"
            return fault(exchange, 496)
        return None


cdef bint _misdirected(Server server, TlsStream stream):
    """Whether the request is for a server with demands of its own, and another one shook hands.

    RFC 9110 §7.4 has 421 for it, RFC 9113 §9.1.2 says that clients may coalesce connections. A
    client without SNI met the default server: it may go on only where the demands are the same.
    """
    if stream.server is server:
        return False
    if stream.server_name is not None:
        return True
    return stream.context is not server.tls and server.tls is not None


def rules(Server server not None):
    """Return the step that holds a server's rules."""
    cdef TlsRules made = TlsRules.__new__(TlsRules)
    made.server = server
    return made
