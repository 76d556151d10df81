"""Request targets: normalised paths, percent-encoding, host names."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy

from forkproxy.errors import ProtocolError

# Which octets are encoded where: the classes of nginx's ngx_escape_uri.
cdef unsigned char in_path[256]
cdef unsigned char in_args[256]
cdef unsigned char in_component[256]
cdef const char* DIGITS = "0123456789ABCDEF"


cdef int _prepare() noexcept:
    cdef int index
    for index in range(256):
        in_path[index] = index <= 32 or index >= 127
        in_args[index] = index <= 32 or index >= 127
        in_component[index] = 1
    for index in b'"#%<>?\\^`{|}':
        in_path[index] = 1
    for index in b'"#%&+<>?\\^`{|}':
        in_args[index] = 1
    for index in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~":
        in_component[index] = 0
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
        if data[at] == c"%" and at + 2 < length and _hex(data[at + 1]) >= 0 and _hex(data[at + 2]) >= 0:
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
    cdef bint plain = True
    for index in range(length):
        if data[index] == c"%" or data[index] == 0:
            plain = False
            break
        # "//", "/." and what follows may need work; anything else stands as it is.
        if data[index] == c"/" and index + 1 < length and (data[index + 1] == c"." or data[index + 1] == c"/"):
            plain = False
            break
    if plain:
        return path
    return _normalised(_decoded(path), merge_slashes)


cdef bytes _decoded(bytes path):
    """%XX decoded, each once; "?" and "#" that come out of it are octets like any other."""
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(path)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(path), at = 0, out = 0
    cdef bytes made = PyBytes_FromStringAndSize(NULL, length)
    cdef char* to = PyBytes_AS_STRING(made)
    cdef int high, low
    while at < length:
        if data[at] == c"%":
            if at + 2 >= length:
                raise ProtocolError("client sent invalid request")
            high = _hex(data[at + 1])
            low = _hex(data[at + 2])
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
        if segment == b"." :
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
    """$host: the name in lower case, without port and trailing dot; as ngx_http_validate_host.

    Raises ProtocolError (400).
    """
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(authority)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(authority), index, end = length
    cdef unsigned char octet
    cdef bint bracketed = False, upper = False, port = False
    for index in range(length):
        octet = data[index]
        if port:
            if not c"0" <= octet <= c"9":
                raise ProtocolError("client sent invalid host header")
        elif octet == c"[":
            if index:
                raise ProtocolError("client sent invalid host header")
            bracketed = True
        elif octet == c"]":
            if not bracketed:
                raise ProtocolError("client sent invalid host header")
            bracketed = False
        elif octet == c":" and not bracketed:
            port = True
            end = index
        elif octet == c"." and index + 1 < length and data[index + 1] == c".":
            raise ProtocolError("client sent invalid host header")
        elif octet <= 32 or octet >= 127 or octet == c"/" or octet == c"\\" or octet == c"@" \
                or octet == c"?" or octet == c"#" or octet == c"," or octet == c'"' or octet == c"<" or octet == c">":
            raise ProtocolError("client sent invalid host header")
        elif c"A" <= octet <= c"Z":
            upper = True
    if bracketed:
        raise ProtocolError("client sent invalid host header")
    if end and data[end - 1] == c".":
        end -= 1
    if end != length:
        authority = authority[:end]
    return authority.lower() if upper else authority
