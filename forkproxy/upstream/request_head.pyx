"""The head of a request as the upstream gets it: proxy_set_header, then the client's fields."""

from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.core.expressions cimport Expression
from forkproxy.upstream.forward cimport Forward
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.writer cimport Writer


cdef int write_head(Forward self, Exchange exchange, Writer to, Py_ssize_t inline,
                    Body body) except -1:
    """The request line and the fields, as the location's proxy_set_header lines say."""
    cdef bytes method = exchange.method if self.method is None else self.method.evaluate(exchange)
    cdef bytes name
    cdef Expression value
    cdef Py_ssize_t mark, value_at
    cdef Fields fields = exchange.head.fields
    to.clear()
    to.put_bytes(method)
    to.put(b" ", 1)
    to.put_bytes(exchange.proxy_target)
    to.put(b" HTTP/1.1\r\n" if self.minor else b" HTTP/1.0\r\n", 11)
    for name, value in self.cache_lines if exchange.for_cache else self.lines:
        mark = to.used
        to.put_bytes(name)
        value_at = to.used
        value.write(exchange, to)
        if to.used == value_at and self.minor and name == b"Host: ":
            to.put_bytes(exchange.proxy_host)   # RFC 9112 §3.2: HTTP/1.1 is not without one
        if to.used == value_at:
            to.used = mark          # an empty value: the field is not sent
            continue
        _flatten(to.data + value_at, to.used - value_at)
        to.put(b"\r\n", 2)
    if inline >= 0:
        _write_length(to, inline)
    elif body is not None:
        if body.length >= 0:
            _write_length(to, body.length)
        else:
            to.put(b"Transfer-Encoding: chunked\r\n", 28)
    elif self.pass_body and exchange.head.content_length == 0:
        _write_length(to, 0)
    if self.pass_fields:
        if exchange.head.connection_names:
            fields = fields.copy()
            remove_listed(fields)
        fields.write(to, self.cache_unsent if exchange.for_cache else self.unsent)
    to.put(b"\r\n", 2)
    return 0


cdef int _write_length(Writer to, long long length) except -1:
    to.put(b"Content-Length: ", 16)
    to.put_number(length)
    to.put(b"\r\n", 2)
    return 0


cdef void _flatten(char* octets, Py_ssize_t length) noexcept:
    """A line end that a variable brought along must not start a field of its own (D2)."""
    cdef Py_ssize_t index
    for index in range(length):
        if octets[index] == c"\r" or octets[index] == c"\n" or octets[index] == 0:
            octets[index] = c" "


# What the connection, the message's framing and its target hang on is nobody's to remove.
cdef frozenset NEEDED = frozenset((
    b"close", b"keep-alive", b"upgrade", b"host", b"content-length", b"transfer-encoding",
))


cdef int remove_listed(Fields fields) except -1:
    """Remove the fields that Connection names: they were meant for us (RFC 9110 §7.6.1)."""
    for name in fields.joined(b"connection").lower().split(b","):
        name = name.strip()
        if name not in NEEDED:
            fields.remove(name)
    return 0
