"""What an upstream is asked for: the URL of a proxy_pass with variables, and the request target."""

import re

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.upstream.forward cimport Forward
from forkproxy.wire.target cimport escape_path

# Variables whose values are decoded, as captures are.
cdef frozenset DECODED = frozenset(("uri", "document_uri"))
# Octets that no request target may have (RFC 9112 §3.2).
cdef object UNFIT = re.compile(rb"[\x00-\x20\x7f-\xff]")


cdef bytes url_of(Forward self, Exchange exchange):
    """The URL of a proxy_pass with variables, what was decoded encoded again (D1)."""
    cdef list parts = []
    cdef bytes value
    for node in self.url.nodes:
        if isinstance(node, Variable):
            value = (<Variable> node).value(exchange) or b""
            if self.encodes and (node.name.isdigit() or node.name in DECODED):
                value = escape_path(value)
        else:
            value = <bytes> node
        parts.append(value)
    return b"".join(parts)


cdef bytes target_of(Forward self, Exchange exchange, bytes given):
    """The request target for the upstream: golden cases 1 to 10 of nginx's proxy_pass."""
    cdef bytes target
    if given is not None:
        # From variables: nothing is appended.
        if given.startswith(b"?"):
            given = b"/" + given
        if not self.encodes:
            return given.replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b"\0", b"%00")
        return UNFIT.sub(_percent, given)
    if self.uri is None or self.url is not None:
        if exchange.as_sent and exchange.head.path is not None:
            return _as_sent(exchange)
        target = escape_path(exchange.uri)
    elif exchange.uri_kept:
        target = escape_path(exchange.uri)
    else:
        target = self.uri + escape_path(exchange.uri[self.replaced:])
    if exchange.args:
        target += b"?" + exchange.args
    return target


cdef bytes _as_sent(Exchange exchange):
    """The target of the request line; an absolute one without scheme and authority."""
    if exchange.head.scheme is None:
        return exchange.head.target
    cdef bytes path = exchange.head.path or b"/"
    if exchange.head.query is not None:
        return path + b"?" + exchange.head.query
    return path


def _percent(octet):
    return b"%%%02X" % ord(octet[0])
