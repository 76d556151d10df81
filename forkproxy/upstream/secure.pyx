"""TLS towards upstreams: the handshake, and whether the other side is who it should be.

What fails here has sent nothing of the request: another peer may be asked.
"""

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.net.tls cimport TlsStream
from forkproxy.net.tls_facts cimport peer_has_name, verify_reason, verify_result

from forkproxy.errors import Gone, PeerError

DEF X509_V_OK = 0


cpdef bytes host_of(bytes name):
    """A host without its port, and an IPv6 address without its brackets."""
    if name.startswith(b"["):
        return name[1:].partition(b"]")[0]
    return name.partition(b":")[0]


cdef class Secure:

    cdef bytes host(self, Exchange exchange):
        """The name of the upstream, without a port."""
        return host_of(self.name.evaluate(exchange))

    cdef tuple identity(self, Exchange exchange):
        """What a connection must have been opened with, to carry this exchange too.

        Whoever asks for another name, by other rules or with another certificate, meets another
        server behind the same address.
        """
        return (self.context, self.verify, self.host(exchange),
                None if self.certificates is None else self.certificates.names(exchange))

    cdef int shake_hands(self, TlsStream stream, tuple identity, Exchange exchange, bytes address,
                         double limit) except -1:
        """Agree with the peer at that address within `limit` seconds. Raises PeerError. Waits."""
        if self.certificates is not None:
            stream.asker = _Always(exchange)
        self._meet(stream, <bytes> identity[2], address, identity[3], limit)
        stream.asker = None
        return 0

    def greet(self, TlsStream stream not None, bytes name not None, bytes address not None,
              double limit):
        """Agree with a peer for a question of our own, with no exchange. Waits.

        Raises PeerError; the stream is closed then.
        """
        self._meet(stream, name, address, None, limit)

    cdef int _meet(self, TlsStream stream, bytes name, bytes address, object certificate,
                   double limit) except -1:
        stream.read_by = poller.now + limit
        stream.write_limit = limit
        try:
            # A literal address is no name that could be asked for (RFC 6066 §3).
            stream.connect_tls(self.context, None if _literal(name) else name,
                               (address, name, certificate))
            self._check(stream, name)
        except TimeoutError:
            stream.close()
            raise PeerError("upstream timed out while SSL handshaking to upstream", sent=False,
                            status=504) from None
        except Gone:
            stream.close()
            raise
        except OSError as error:
            stream.close()
            raise PeerError(f"{error.strerror} while SSL handshaking to upstream",
                            sent=False) from None
        except BaseException:
            stream.close()
            raise
        stream.read_by = 0.0
        return 0

    cdef int _check(self, TlsStream stream, bytes name) except -1:
        cdef long result
        if not self.verify:
            return 0
        result = verify_result(stream)
        if result != X509_V_OK:
            raise PeerError(f"upstream SSL certificate verify error: "
                            f"({result}:{verify_reason(result)})", sent=False)
        if not peer_has_name(stream, name):
            raise PeerError(f'upstream SSL certificate does not match "{name.decode("latin-1")}"',
                            sent=False)
        return 0


cdef class _Always:
    """Gives the exchange that a handshake is for."""

    cdef Exchange exchange

    def __init__(self, Exchange exchange):
        self.exchange = exchange

    def __call__(self):
        return self.exchange


cdef bint _literal(bytes name):
    """Whether a name is an IP address."""
    return b":" in name or name.replace(b".", b"").isdigit()
