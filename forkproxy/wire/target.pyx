"""Request targets: normalised paths, percent-encoding, host names."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE

from forkproxy.wire.digits cimport hex_digit

from forkproxy.errors import ProtocolError

# Which octets are encoded where: the classes of nginx's ngx_escape_uri.
cdef unsigned char in_path[256]
cdef unsigned char in_args[256]

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
    for index in b'"#%<>?\\^`{|}':
        in_path[index] = 1
    for index in b'"#%&+;<>?\\^`{|}':
        in_args[index] = 1
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


cdef int _hex_pair(const unsigned char* digits) noexcept:
    """The octet that two hexadecimal digits stand for, or -1. A NUL ends the look."""
    cdef int high = hex_digit(digits[0])
    cdef int low
    if high < 0:
        return -1
    low = hex_digit(digits[1])
    return -1 if low < 0 else high * 16 + low


cpdef bytes normalise_path(bytes path, bint merge_slashes):
    """Percent-decode and normalise a path: $uri, as nginx's ngx_http_parse_complex_uri makes it.

    Returns the very object given where nothing changes. Raises ProtocolError (400).
    """
    if _is_plain(<const unsigned char*> PyBytes_AS_STRING(path), PyBytes_GET_SIZE(path)):
        return path
    return _normalised(path, merge_slashes)


cdef bint _is_plain(const unsigned char* data, Py_ssize_t length) noexcept:
    """Whether a path surely stands as it is: no "%", no "//", no segment that begins with "."."""
    cdef Py_ssize_t index
    if length == 0 or data[0] != c"/":
        return True         # "*", or nothing: no path at all
    for index in range(length):
        if data[index] == c"%" or data[index] == 0:
            return False
        if data[index] == c"/" and (data[index + 1] == c"." or data[index + 1] == c"/"):
            return False
    return True


cdef bytes _normalised(bytes path, bint merge_slashes):
    """Decode each octet once, and close a segment at each "/": also at one that came out of %2F.

    What is decoded to "?", "#" or "%" is an octet like any other.
    """
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(path)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(path), at = 1
    cdef bytes made = PyBytes_FromStringAndSize(NULL, length + 1)
    cdef char* to = PyBytes_AS_STRING(made)
    cdef Py_ssize_t segment = 1, out = 1        # to[segment:out] is the segment so far
    cdef int octet
    to[0] = c"/"
    while at < length:
        octet = data[at]
        at += 1
        if octet == c"%":
            octet = _hex_pair(data + at)
            at += 2
        if octet <= 0:
            raise ProtocolError("client sent invalid request")
        if octet == c"/":
            segment = out = _closed(to, segment, out, merge_slashes)
        else:
            to[out] = <char> octet
            out += 1
    if _dots(to, segment, out):
        out = _closed(to, segment, out, merge_slashes)
    made = made[:out]
    return path if made == path else made


cdef int _dots(const char* to, Py_ssize_t segment, Py_ssize_t out) noexcept:
    """1 of the segment ".", 2 of "..", else 0."""
    if out - segment == 1 and to[segment] == c".":
        return 1
    if out - segment == 2 and to[segment] == c"." and to[segment + 1] == c".":
        return 2
    return 0


cdef Py_ssize_t _closed(char* to, Py_ssize_t segment, Py_ssize_t out, bint merge_slashes) except -1:
    """A segment is over: return where the next one begins (RFC 3986 §5.2.4)."""
    cdef int dots = _dots(to, segment, out)
    if dots == 1 or (out == segment and merge_slashes):
        return segment
    if dots == 0:
        to[out] = c"/"
        return out + 1
    if segment == 1:
        raise ProtocolError("client sent invalid request")       # above the root
    segment -= 1
    while to[segment - 1] != c"/":
        segment -= 1
    return segment


cpdef bytes host_name(bytes authority):
    """Return the host of an authority in lower case, without port and trailing dot: $host.

    Stricter than ngx_http_validate_host, which lets through all but controls, space, "/" and "..".
    Raises ProtocolError (400).
    """
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(authority)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(authority), at = 0, end
    cdef unsigned char kinds = 0
    cdef long port = 0
    if data[0] == c"[":
        at = 1
        if data[1] == c"v" or data[1] == c"V":
            kinds |= CAPITAL                # IPvFuture (RFC 3986 §3.2.2): some letters, any case
            while (data[at] == c":" or data[at] == c","
                    or in_host[data[at]] & NAME and data[at] != c"%"):
                at += 1
        while in_host[data[at]] & ADDRESS and not (data[at] == c"." and data[at + 1] == c"."):
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
            port = port * 10 + (data[at] - c"0")
            if port > 65535:
                raise ProtocolError("client sent invalid host header")
            at += 1
    if at != length or end == 0:
        raise ProtocolError("client sent invalid host header")
    if end != length:
        authority = PyBytes_FromStringAndSize(<const char*> data, end)
    return authority.lower() if kinds & CAPITAL else authority
