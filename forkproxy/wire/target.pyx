"""Request targets: normalised paths, percent-encoding, host names."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memchr

from forkproxy.errors import ProtocolError

# Which octets are encoded where: the classes of nginx's ngx_escape_uri.
cdef unsigned char in_path[256]
cdef unsigned char in_args[256]
cdef unsigned char in_component[256]

# What an octet is in a host (RFC 3986 §3.2.2). Of the characters that a registered name may have,
# the comma is not taken: it stands between two values that somebody joined.
DEF NAME = 1
DEF CAPITAL = 2
DEF ADDRESS = 4             # inside of "[" and "]"
cdef unsigned char in_host[256]

cdef const char* DIGITS = "0123456789ABCDEF"


cdef int _prepare() noexcept:
    cdef int index
    for index in range(256):
        in_path[index] = index <= 32 or index >= 127
        in_args[index] = index <= 32 or index >= 127
        in_component[index] = 1
    for index in b'"#%<>?\\^`{|}':
        in_path[index] = 1
    for index in b'"#%&+;<>?\\^`{|}':
        in_args[index] = 1
    for index in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~":
        in_component[index] = 0
    for index in b"abcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+;=":
        in_host[index] = NAME
    for index in b"ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        in_host[index] = NAME | CAPITAL
    for index in b"0123456789abcdefABCDEF:.":
        in_host[index] |= ADDRESS
    return 0


_prepare()


cdef bytes _escape(bytes text, unsigned char* encoded):
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(text)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(text), index, more = 0
    cdef bytes made
    cdef char* to
    for index in range(length):
        more += encoded[data[index]]
    if more == 0:
        return text
    made = PyBytes_FromStringAndSize(NULL, length + 2 * more)
    to = PyBytes_AS_STRING(made)
    for index in range(length):
        if encoded[data[index]]:
            to[0] = c"%"
            to[1] = DIGITS[data[index] >> 4]
            to[2] = DIGITS[data[index] & 15]
            to += 3
        else:
            to[0] = data[index]
            to += 1
    return made


cpdef bytes escape_path(bytes path):
    return _escape(path, in_path)


cpdef bytes escape_args(bytes args):
    return _escape(args, in_args)


cpdef bytes escape_component(bytes text):
    return _escape(text, in_component)


cdef int _hex(unsigned char octet) noexcept:
    if c"0" <= octet <= c"9":
        return octet - c"0"
    if c"a" <= octet <= c"f":
        return octet - c"a" + 10
    if c"A" <= octet <= c"F":
        return octet - c"A" + 10
    return -1


cpdef bytes unescape(bytes text):
    """Decode %XX; what is no such thing stays."""
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(text)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(text), at = 0, out = 0
    cdef bytes made
    cdef char* to
    if memchr(data, c"%", length) == NULL:
        return text
    made = PyBytes_FromStringAndSize(NULL, length)
    to = PyBytes_AS_STRING(made)
    while at < length:
        # Behind the last octet there is a NUL, which is no digit.
        if data[at] == c"%" and _hex(data[at + 1]) >= 0 and _hex(data[at + 2]) >= 0:
            to[out] = <char> (_hex(data[at + 1]) * 16 + _hex(data[at + 2]))
            at += 3
        else:
            to[out] = data[at]
            at += 1
        out += 1
    return made[:out]


cpdef bytes normalise_path(bytes path, bint merge_slashes):
    """Percent-decode and normalise a path: $uri, as nginx's ngx_http_parse_complex_uri makes it.

    Returns the very object given where nothing changes. Raises ProtocolError (400).
    """
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(path)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(path), index
    for index in range(length):
        # "//", "/." and what follows may need work; anything else stands as it is.
        if data[index] == c"%" or data[index] == 0 or data[index] == c"/" and (
            data[index + 1] == c"." or data[index + 1] == c"/"
        ):
            return _normalised(_decoded(path), merge_slashes)
    return path


cdef bytes _decoded(bytes path):
    """%XX decoded, each once; "?" and "#" that come out of it are octets like any other."""
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(path)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(path), at = 0, out = 0
    cdef bytes made = PyBytes_FromStringAndSize(NULL, length)
    cdef char* to = PyBytes_AS_STRING(made)
    cdef int high, low
    while at < length:
        if data[at] == c"%":
            high = _hex(data[at + 1])
            low = _hex(data[at + 2]) if high >= 0 else -1
            if high < 0 or low < 0 or high == 0 and low == 0:
                raise ProtocolError("client sent invalid request")
            to[out] = <char> (high * 16 + low)
            at += 3
        elif data[at] == 0:
            raise ProtocolError("client sent invalid request")
        else:
            to[out] = data[at]
            at += 1
        out += 1
    return made[:out]


cdef bytes _normalised(bytes path, bint merge_slashes):
    """Segments "." and ".." resolved (RFC 3986 §5.2.4), "//" merged where it is asked for."""
    cdef list kept = []
    cdef list segments = path.split(b"/")
    cdef Py_ssize_t index, last = len(segments) - 1
    cdef bytes segment
    for index in range(1, last + 1):
        segment = segments[index]
        if segment == b".":
            if index == last:
                kept.append(b"")
        elif segment == b"..":
            if not kept:
                raise ProtocolError("client sent invalid request")
            kept.pop()
            if index == last:
                kept.append(b"")
        elif segment or not merge_slashes or index == last:
            kept.append(segment)
    return b"/" + b"/".join(kept)


cpdef bytes host_name(bytes authority):
    """Return the host of an authority in lower case, without port and trailing dot: $host.

    Stricter than ngx_http_validate_host, which lets through all but controls, space, "/" and "..".
    Raises ProtocolError (400).
    """
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(authority)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(authority), at = 0, end
    cdef unsigned char kinds = 0
    if data[0] == c"[":
        at = 1
        while in_host[data[at]] & ADDRESS:
            kinds |= in_host[data[at]]
            at += 1
        if at == 1 or data[at] != c"]":
            raise ProtocolError("client sent invalid host header")
        at += 1
        end = at
    else:
        while in_host[data[at]] & NAME:
            if data[at] == c"." and data[at + 1] == c".":
                raise ProtocolError("client sent invalid host header")
            kinds |= in_host[data[at]]
            at += 1
        end = at
        if end and data[end - 1] == c".":
            end -= 1
    if data[at] == c":":
        at += 1
        while c"0" <= data[at] <= c"9":
            at += 1
    if at != length or end == 0:
        raise ProtocolError("client sent invalid host header")
    if end != length:
        authority = authority[:end]
    return authority.lower() if kinds & CAPITAL else authority
