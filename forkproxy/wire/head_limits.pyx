"""How large a head may be, and where it ends: asked while it comes, and never twice of an octet."""

from cpython.bytes cimport PyBytes_AS_STRING
from libc.string cimport memchr

from forkproxy.errors import ProtocolError

DEF EMPTY_LINES = 4         # before a request line (RFC 9112 §2.2: "at least one")


cdef class HeadLimits:

    def __init__(self, *, Py_ssize_t line=8192, Py_ssize_t total=33792, Py_ssize_t listed=32768,
                 int fields=1000, bint underscores=False, bint ignore_invalid=True,
                 Framing framing=DEFENSIVE):
        self.line = line
        self.total = total
        self.listed = listed
        self.fields = fields
        self.underscores = underscores
        self.ignore_invalid = ignore_invalid
        self.framing = framing


cdef HeadLimits DEFAULT_LIMITS = HeadLimits()


cdef Py_ssize_t request_head_length(const char* data, Py_ssize_t length, Py_ssize_t* scanned,
                                    HeadLimits limits) except -1:
    cdef Py_ssize_t start = scanned[0], end, line
    cdef const char* found
    cdef Py_ssize_t first = 0           # where the request line begins
    cdef int empty = 0
    while first < length:
        if data[first] == c"\n":
            first += 1
        elif first + 1 < length and data[first] == c"\r" and data[first + 1] == c"\n":
            first += 2
        else:
            break
        empty += 1
        if empty > EMPTY_LINES:
            raise ProtocolError("too many empty lines before the request line")
    if start < first:
        start = first
    if first < length and not begins_method(data[first]) and data[first] != c"\r":
        # Known at once, and worth it: a TLS ClientHello may never hold an LF to wait for.
        raise ProtocolError("client sent invalid method")
    while True:
        found = <const char*> memchr(data + start, c"\n", length - start)
        if found == NULL:
            # A CR at the end is the line's end, or an error later on.
            end = length - 1 if length > start and data[length - 1] == c"\r" else length
            _check_size(end - start, length - first, start == first, limits)
            scanned[0] = start
            return 0
        end = found - data
        line = end - start
        if line and data[end - 1] == c"\r":
            line -= 1
        _check_size(line, end - first, start == first, limits)
        if line == 0 and start > first:
            return end + 1
        start = end + 1


cdef bint begins_method(char octet) noexcept:
    return c"A" <= octet <= c"Z" or octet == c"_" or octet == c"-"


cdef int _check_size(
    Py_ssize_t line, Py_ssize_t total, bint request_line, HeadLimits limits,
) except -1:
    if line > limits.line:
        if request_line:
            raise ProtocolError("client sent too long URI", status=414)
        raise ProtocolError("client sent too long header line", status=494)
    if total > limits.total:
        raise ProtocolError("client sent too large request", status=494)
    return 0


cdef Py_ssize_t response_head_length(const char* data, Py_ssize_t length, Py_ssize_t* scanned,
                                     Py_ssize_t most) except -1:
    """As of a request, but of any line's length."""
    cdef Py_ssize_t start = scanned[0], end
    cdef const char* found
    while True:
        found = <const char*> memchr(data + start, c"\n", length - start)
        if found == NULL:
            scanned[0] = start
            if length > most:
                raise ProtocolError("too big header", status=502)
            return 0
        end = found - data
        if start and (end == start or end == start + 1 and data[start] == c"\r"):
            if end + 1 > most:
                raise ProtocolError("too big header", status=502)
            return end + 1
        start = end + 1


def request_length(
    bytes data not None, Py_ssize_t scanned=0, HeadLimits limits not None=DEFAULT_LIMITS,
):
    """Return (octets of the head, 0 while it is incomplete; how far it was looked at)."""
    cdef Py_ssize_t found
    found = request_head_length(PyBytes_AS_STRING(data), len(data), &scanned, limits)
    return found, scanned


def response_length(bytes data not None, Py_ssize_t scanned=0, Py_ssize_t most=65536):
    """Return the same of a response's head, of `most` octets at the most."""
    cdef Py_ssize_t found
    found = response_head_length(PyBytes_AS_STRING(data), len(data), &scanned, most)
    return found, scanned
