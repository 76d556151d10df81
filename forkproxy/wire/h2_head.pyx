"""HTTP/2 field blocks to heads (RFC 9113 §8).

What is decoded is written down as HTTP/1 would have it and goes through the same parser: so there
is one opinion about names, values, Host and lengths, and what goes on to an upstream is framed as
strictly as what came by HTTP/1. What HTTP/1 cannot express is refused here, before it is written.
"""

import base64
import os

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcmp

from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport RequestHead, parse_lines, parse_translated
from forkproxy.wire.head_limits cimport HeadLimits
from forkproxy.wire.names cimport (
    CONNECTION, COOKIE, HOST, KEEP_ALIVE, PROXY_CONNECTION, TE, TRANSFER_ENCODING, UPGRADE, Name,
    name_of,
)
from forkproxy.wire.writer cimport Writer

from forkproxy.errors import ProtocolError

DEF MOST = 4                # times max_headers: the end of the connection, not of the request

# What an octet of a name may be: a token's, and no capital (RFC 9113 §8.2.1).
cdef unsigned char in_name[256]
# What ends a line in HTTP/1, or a string in C: in no value.
cdef unsigned char never[256]

cdef int _prepare() noexcept:
    cdef int index
    for index in range(256):
        in_name[index] = 0
        never[index] = index == 0 or index == 10 or index == 13
    for index in b"abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~":
        in_name[index] = 1
    return 0


_prepare()

cdef frozenset FORBIDDEN_TRAILERS = frozenset((
    b"content-length", b"transfer-encoding", b"trailer",
))


cdef class FieldBlock:

    def __cinit__(self):
        self.lines = Writer()
        self.cookie = Writer()

    cdef void begin(self, HeadLimits limits) noexcept:
        self.limits = limits
        self.lines.clear()
        self.cookie.clear()
        self.method = self.scheme = self.path = self.authority = self.protocol = None
        self.host = None
        self.listed = self.fields = 0
        self.ordinary = self.tunnel = self.incremental = self.keyed = False
        self.urgency = -1
        self.wrong = None

    cdef bint add(self, const char* name, Py_ssize_t name_length, const char* value,
                  Py_ssize_t value_length) except -1:
        cdef Py_ssize_t index
        self.listed += name_length + value_length
        self.fields += 1
        if (name_length > self.limits.line or value_length > self.limits.line
                or self.listed > self.limits.listed or self.fields > MOST * self.limits.fields):
            return False
        if self.wrong is not None:
            return True
        for index in range(value_length):
            if never[<unsigned char> value[index]]:
                return self._refuse("client sent invalid header value")
        if name_length and name[0] == c":":
            return self._pseudo(name, name_length, value[:value_length])
        self.ordinary = True
        if name_length == 0:
            return self._refuse("client sent invalid header name")
        for index in range(name_length):
            if not in_name[<unsigned char> name[index]]:
                return self._refuse("client sent invalid header name")
        if self._special(name, name_length, value, value_length):
            return True
        # RFC 9113 §8.2.1: "A field value MUST NOT start or end with an ASCII whitespace character".
        # There are clients whose values do. As nginx, we take it: the parser leaves it out.
        self.lines.put(name, name_length)
        self.lines.put(b": ", 2)
        self.lines.put(value, value_length)
        self.lines.put(b"\r\n", 2)
        return True

    cdef int _refuse(self, str why) except -1:
        """Remember the first thing that is wrong; what follows is decoded all the same."""
        self.wrong = why
        return 1

    cdef int _pseudo(self, const char* name, Py_ssize_t length, bytes value) except -1:
        """RFC 9113 §8.3: ahead of all fields, each once, and no other than these."""
        cdef bytes text = name[:length]
        if self.ordinary:
            return self._refuse("client sent pseudo-header after a field")
        if text == b":method" and self.method is None:
            self.method = value
        elif text == b":path" and self.path is None:
            self.path = value
        elif text == b":scheme" and self.scheme is None:
            self.scheme = value
        elif text == b":authority" and self.authority is None:
            self.authority = value
        elif text == b":protocol" and self.protocol is None:
            self.protocol = value
        else:
            return self._refuse("client sent unknown or duplicate pseudo-header")
        return 1

    cdef bint _special(self, const char* name, Py_ssize_t length, const char* value,
                       Py_ssize_t value_length) except -1:
        """Fields that are no lines of their own, or must not be there."""
        cdef Name known = name_of(name, length)
        if known == COOKIE:
            # RFC 9113 §8.2.3: crumbs are one field again before anybody else sees them.
            if self.cookie.used:
                self.cookie.put(b"; ", 2)
            else:
                self.cookie.put(b"cookie: ", 8)
            self.cookie.put(value, value_length)
            return True
        if known == HOST:
            if self.host is not None:
                self._refuse("client sent duplicate host header")
            self.host = value[:value_length]
            return True
        if known == TE:
            if value[:value_length].lower() != b"trailers":
                self._refuse("client sent invalid te header")
            return True         # of this hop alone
        if known in (CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE):
            self._refuse("client sent connection-specific header")
            return True
        if length == 8 and memcmp(name, b"priority", 8) == 0:
            self._prioritise(value[:value_length])
        elif length == 17 and memcmp(name, b"sec-websocket-key", 17) == 0:
            self.keyed = True
        return False

    def _prioritise(self, bytes value):
        """Take what a `priority` field says (RFC 9218 §4); what is no such thing is left."""
        self.urgency = 3
        for item in value.split(b","):
            key, _, given = item.strip().partition(b"=")
            if key == b"u" and len(given) == 1 and b"0" <= given <= b"7":
                self.urgency = given[0] - 48
            elif key == b"i":
                self.incremental = given in (b"", b"?1")

    cdef RequestHead request(self, Py_ssize_t octets):
        cdef Writer to
        cdef bytes raw
        if self.wrong is not None:
            raise ProtocolError(self.wrong)
        if self.authority is not None and self.host is not None and self.authority != self.host:
            raise ProtocolError('client sent "Host" and ":authority" that differ')
        if self.method == b"CONNECT":
            self._upgrade()
        _check(self)
        to = Writer()
        to.put_bytes(self.method)
        to.put(b" ", 1)
        to.put_bytes(self.path)
        to.put(b" HTTP/2.0\r\nhost: ", 17)
        to.put_bytes(self.host if self.authority is None else self.authority)
        to.put(b"\r\n", 2)
        to.put(self.lines.data, self.lines.used)
        if self.cookie.used:
            to.put(self.cookie.data, self.cookie.used)
            to.put(b"\r\n", 2)
        if self.tunnel:
            to.put_bytes(b"upgrade: %s\r\nconnection: upgrade\r\n" % self.protocol)
            if not self.keyed:
                to.put_bytes(b"sec-websocket-key: %s\r\n" % base64.b64encode(os.urandom(16)))
        to.put(b"\r\n", 2)
        raw = PyBytes_FromStringAndSize(to.data, to.used)
        return parse_translated(raw, self.method, self.path, 4 if self.tunnel else 1, octets,
                                self.limits)

    cdef int _upgrade(self) except -1:
        """RFC 8441 §5: the WebSocket handshake of HTTP/2 is a CONNECT, that of HTTP/1.1 a GET."""
        if self.protocol is None:
            raise ProtocolError("client sent CONNECT method", status=405)
        if self.protocol.lower() != b"websocket":
            raise ProtocolError("client sent CONNECT with an unknown protocol", status=501)
        self.method = b"GET"
        self.tunnel = True
        return 0

    cdef Fields trailers(self):
        cdef Fields found
        if self.wrong is not None:
            raise ProtocolError(self.wrong)
        if self.method is not None or self.path is not None or self.authority is not None \
                or self.scheme is not None or self.protocol is not None:
            raise ProtocolError("client sent pseudo-header in a trailer section")
        if self.host is not None:
            raise ProtocolError("forbidden field in a trailer section")
        self.lines.put(b"\r\n", 2)
        found = parse_lines(PyBytes_FromStringAndSize(self.lines.data, self.lines.used),
                            self.limits)
        for name in FORBIDDEN_TRAILERS:
            if found.has(name):
                raise ProtocolError("forbidden field in a trailer section")
        return found


cdef int _check(FieldBlock self) except -1:
    """The pseudo-headers of a request, which become the request line (RFC 9113 §8.3.1)."""
    if not self.method or self.scheme is None or self.path is None:
        raise ProtocolError("client sent no :method, :scheme or :path")
    if self.protocol is not None and not self.tunnel:
        raise ProtocolError("client sent :protocol without CONNECT")
    if not _is_scheme(self.scheme):
        raise ProtocolError("client sent invalid :scheme")
    if not _is_method(self.method):
        raise ProtocolError("client sent invalid :method")
    if not self.path.startswith(b"/") and (self.path != b"*" or self.method != b"OPTIONS"):
        raise ProtocolError("client sent invalid :path")
    if not _is_visible(self.path):
        raise ProtocolError("client sent invalid :path")
    if self.authority is None and self.host is None:
        raise ProtocolError('client sent neither ":authority" nor "Host" header')
    return 0


cdef bint _is_method(bytes text):
    """As in HTTP/1: capitals, "_" and "-"."""
    cdef Py_ssize_t index
    cdef const char* data = PyBytes_AS_STRING(text)
    for index in range(PyBytes_GET_SIZE(text)):
        if not (c"A" <= data[index] <= c"Z" or data[index] == c"_" or data[index] == c"-"):
            return False
    return True


cdef bint _is_scheme(bytes text):
    if text == b"https" or text == b"http":
        return True
    return text[:1].isalpha() and text.replace(b"+", b"").replace(b"-", b"").replace(
        b".", b"").isalnum()


cdef bint _is_visible(bytes text):
    cdef Py_ssize_t index
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(text)
    for index in range(PyBytes_GET_SIZE(text)):
        if data[index] <= 32 or data[index] == 127:
            return False
    return True


def parse_block(list fields not None, HeadLimits limits=None):
    """Return the RequestHead of decoded (name, value) pairs. Raises ProtocolError; for tests."""
    cdef FieldBlock block = FieldBlock()
    block.begin(HeadLimits() if limits is None else limits)
    for name, value in fields:
        if not block.add(name, len(name), value, len(value)):
            raise ProtocolError("client sent too large header", status=494)
    return block.request(0)
