"""HTTP/1 heads: octets to objects, once, strictly (RFC 9112 §2 to §5).

The head is copied out of the socket's buffer as one bytes object; its lines are offsets into that.
Refused: a bare CR, NUL, white space around a field's name, folded lines, anything else that two
parsers could read in two ways.

A LF without its CR ends a line too: "a recipient MAY recognize a single LF as a line terminator and
ignore any preceding CR" (RFC 9112 §2.2). Scripts send it, and nginx, HAProxy and Caddy take it.
What goes on has CRLF: no other parser gets to see what came.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memchr, memcmp, memcpy

from forkproxy.wire.fields cimport Fields
from forkproxy.wire.framing cimport frame_request, frame_response
from forkproxy.wire.head_limits cimport (
    DEFAULT_LIMITS, STRICTEST, HeadLimits, begins_method, request_head_length, response_head_length,
)
from forkproxy.wire.names cimport (
    AUTHORIZATION, CONTENT_RANGE, EXPECT, HOST, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE,
)
from forkproxy.wire.target cimport host_name

from forkproxy.errors import ProtocolError

DEF LONGEST_RESPONSE = 1 << 20      # octets of a response's head, where nobody says

# What an octet may be in a head.
DEF PLAIN = 1               # letter, digit, hyphen: fit for any field name
DEF UNDERSCORE = 2
DEF TCHAR = 4               # the other octets of a token (RFC 9110 §5.6.2)
cdef unsigned char kinds[256]
cdef unsigned char in_value[256]    # field values: visible, space, tab, obs-text
# Request targets: visible, and what RFC 3986 would have encoded: nginx takes it as it is.
cdef unsigned char in_target[256]


cdef int _prepare() noexcept:
    cdef int index
    for index in range(256):
        kinds[index] = 0
        in_value[index] = index >= 32 and index != 127 or index == 9
        in_target[index] = index > 32 and index != 127
    for index in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-":
        kinds[index] = PLAIN
    for index in b"!#$%&'*+.^`|~":
        kinds[index] = TCHAR
    kinds[<int> c"_"] = UNDERSCORE
    return 0


_prepare()

# One octet repeated, for looking at eight octets at once.
cdef unsigned long long EACH = 0x0101010101010101
cdef unsigned long long TOPS = 0x8080808080808080

# Fields of a request of which two would have to be weighed against each other: nginx refuses them.
# Host, Content-Length and Transfer-Encoding are looked at on their own.
cdef unsigned long long UNIQUE = (
    (1ULL << <int> IF_MODIFIED_SINCE) | (1ULL << <int> IF_UNMODIFIED_SINCE)
    | (1ULL << <int> IF_MATCH) | (1ULL << <int> IF_NONE_MATCH) | (1ULL << <int> IF_RANGE)
    | (1ULL << <int> EXPECT) | (1ULL << <int> AUTHORIZATION) | (1ULL << <int> CONTENT_RANGE)
)

cdef bytes GET = b"GET"
# What a scheme is made of (RFC 3986 §3.1).
cdef bytes SCHEME = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."


cdef inline Py_ssize_t _end(const unsigned char* data, Py_ssize_t at, Py_ssize_t length,
                            const unsigned char* among, unsigned char lowest) noexcept:
    """Where the octets end that start at `at` and are `among` those allowed.

    Octets from `lowest` up but for 127 must be among them: eight such are passed over at once.
    """
    cdef unsigned long long word
    while at + 8 <= length:
        memcpy(&word, data + at, 8)
        # Below `lowest` borrows into the top bit; so does 127, made 0, less 1. A borrow may also
        # come from the octet below: then the look at each octet goes on from here.
        if ((word - EACH * lowest) | ((word ^ EACH * 127) - EACH)) & ~word & TOPS:
            break
        at += 8
    while at < length and among[data[at]]:
        at += 1
    return at


# Octets, and fields that hold octets: no circles for the collector to look for.
@cython.no_gc
@cython.freelist(64)
cdef class RequestHead:

    cdef RequestHead stand_in(self, bytes came):
        """Fill in for a head that could not be parsed; `came` is what came of it."""
        self.raw = came
        self.octets = PyBytes_GET_SIZE(came)
        self.fields = Fields()
        # What is asked for by HEAD is answered without content, whatever else is wrong.
        self.method = b"HEAD" if came.startswith(b"HEAD ") else b""
        self.target = b""
        self.major = 1
        self.minor = 1
        self.content_length = -1
        self.line_length = came.find(b"\r\n") if b"\r\n" in came else PyBytes_GET_SIZE(came)
        return self

    cdef bytes line(self):
        return self.raw[self.line_start:self.line_start + self.line_length]

    @property
    def request_line(self):
        """The request line, as it came."""
        return self.line()

    def __repr__(self):
        return f"<RequestHead {self.line()!r}>"


@cython.no_gc
@cython.freelist(64)
cdef class ResponseHead:

    def __repr__(self):
        return f"<ResponseHead {self.status}>"


cdef RequestHead parse_request(const char* data, Py_ssize_t length, HeadLimits limits):
    cdef RequestHead head = RequestHead.__new__(RequestHead)
    cdef Py_ssize_t start = 0, end
    cdef bytes raw
    while data[start] == c"\n" or data[start] == c"\r" and data[start + 1] == c"\n":
        start += 1 if data[start] == c"\n" else 2
    raw = PyBytes_FromStringAndSize(data + start, length - start)
    data = PyBytes_AS_STRING(raw)
    length -= start
    head.raw = raw
    head.major = 1
    head.octets = length
    end = <const char*> memchr(data, c"\n", length) - data
    head.line_length = end - 1 if data[end - 1] == c"\r" else end
    _request_line(head, data, head.line_length)
    head.fields = _fields(raw, end + 1, limits, False, True)
    _judge(head, start, limits)
    return head


cdef int _judge(RequestHead head, Py_ssize_t before, HeadLimits limits) except -1:
    """What the fields say of the message; `before` octets came ahead of it."""
    if head.fields.twice & UNIQUE:
        raise ProtocolError("client sent duplicate header line")
    _host(head)
    frame_request(head, limits.framing)
    if limits.framing == STRICTEST:
        _be_strict(head, before)
    return 0


cdef RequestHead parse_translated(bytes raw, bytes method, bytes target, int more,
                                  Py_ssize_t octets, HeadLimits limits):
    cdef RequestHead head = RequestHead.__new__(RequestHead)
    cdef const char* data = PyBytes_AS_STRING(raw)
    cdef Py_ssize_t start = PyBytes_GET_SIZE(method) + 1, end
    cdef const char* mark
    head.raw = raw
    head.major = 2
    head.minor = 1
    head.octets = octets
    end = start + PyBytes_GET_SIZE(target)
    head.line_length = end + 9
    head.method = GET if method == GET else method
    mark = <const char*> memchr(data + start, c"#", end - start)
    if mark != NULL:
        end = mark - data
        target = PyBytes_FromStringAndSize(data + start, end - start)
    head.target = target
    if data[start] == c"/":
        _split_query(head, data, start, end)
    else:
        head.path = target
    head.fields = _fields(raw, head.line_length + 2, limits, False, False, more)
    _judge(head, 0, limits)
    return head


cdef int _be_strict(RequestHead head, Py_ssize_t before) except -1:
    """Refuse what is allowed and unusual: request_framing strictest."""
    if before:
        raise ProtocolError("empty line before the request")
    if head.raw.count(b"\n") != head.raw.count(b"\r\n"):
        raise ProtocolError("line that ends without CR")
    if not head.raw.isascii():
        raise ProtocolError("octet that is not ASCII in a head")
    if head.authority is not None and head.host is not None and head.method != b"CONNECT":
        if head.authority.lower() != head.host.lower():
            raise ProtocolError("Host is not that of the request target")
    if head.method in (b"GET", b"HEAD") and (head.chunked or head.content_length > 0):
        raise ProtocolError("content in a request that has none")
    return 0


cdef int _request_line(RequestHead head, const char* data, Py_ssize_t length) except -1:
    """method SP request-target SP HTTP-version (RFC 9112 §3)."""
    cdef Py_ssize_t at = 0, target, end
    cdef const char* mark
    while at < length and begins_method(data[at]):
        at += 1
    if at == 0 or at == length or data[at] != c" ":
        raise ProtocolError("client sent invalid method")
    if at == 3 and memcmp(data, b"GET", 3) == 0:
        head.method = GET
    else:
        head.method = PyBytes_FromStringAndSize(data, at)
    target = at + 1
    end = _end(<const unsigned char*> data, target, length, in_target, 33)
    if end == target or end == length or data[end] != c" ":
        raise ProtocolError("client sent invalid request")
    if data[target] == c"*" and head.method != b"OPTIONS":
        raise ProtocolError("client sent invalid request")      # also HTTP/2's preface
    _version(head, data + end + 1, length - end - 1)
    mark = <const char*> memchr(data + target, c"#", end - target)
    if mark != NULL:
        end = mark - data           # a fragment is none of a server's business
    if end == target:
        raise ProtocolError("client sent invalid request")
    head.target = PyBytes_FromStringAndSize(data + target, end - target)
    if data[target] == c"/":
        _split_query(head, data, target, end)
        return 0
    return _other_form(head)


cdef int _version(RequestHead head, const char* text, Py_ssize_t length) except -1:
    if length != 8 or memcmp(text, b"HTTP/", 5) != 0:
        raise ProtocolError("client sent invalid request")
    if not c"0" <= text[5] <= c"9" or text[6] != c"." or not c"0" <= text[7] <= c"9":
        raise ProtocolError("client sent invalid version")
    if text[5] != c"1":
        raise ProtocolError("client sent invalid version", status=505 if text[5] > c"1" else 400)
    head.minor = 0 if text[7] == c"0" else 1
    return 0


cdef int _split_query(
    RequestHead head, const char* data, Py_ssize_t start, Py_ssize_t end,
) except -1:
    cdef const char* mark = <const char*> memchr(data + start, c"?", end - start)
    if mark == NULL:
        head.path = head.target if PyBytes_GET_SIZE(head.target) == end - start else \
            PyBytes_FromStringAndSize(data + start, end - start)
        return 0
    head.path = PyBytes_FromStringAndSize(data + start, mark - data - start)
    head.query = PyBytes_FromStringAndSize(mark + 1, end - (mark + 1 - data))
    return 0


cdef int _other_form(RequestHead head) except -1:
    """The absolute, authority and asterisk forms (RFC 9112 §3.2)."""
    cdef bytes target = head.target
    cdef Py_ssize_t mark, slash, query
    if head.method == b"CONNECT":
        head.authority = target
        head.path = b""
        return 0
    if target == b"*" and head.method == b"OPTIONS":
        head.path = target
        return 0
    mark = target.find(b"://")
    if mark <= 0 or not target[:1].isalpha() or target[:mark].translate(None, SCHEME):
        raise ProtocolError("client sent invalid request")
    head.scheme = target[:mark].lower()
    slash = target.find(b"/", mark + 3)
    query = target.find(b"?", mark + 3)
    if query >= 0 and (slash < 0 or query < slash):
        slash = query
    if slash < 0:
        slash = PyBytes_GET_SIZE(target)
    head.authority = target[mark + 3:slash]
    head.path, found, query_text = target[slash:].partition(b"?")
    head.query = query_text if found else None
    if not head.path:
        head.path = b"/"
    return 0


cdef Fields _fields(bytes raw, Py_ssize_t start, HeadLimits limits, bint lenient, bint bare,
                    int more=0):
    """The field lines from `start` to the empty line that ends `raw`.

    `lenient`: an upstream's, whose odd names stay; `bare`: a LF alone may end a line; `more` lines
    do not count.
    """
    cdef Fields fields = Fields.__new__(Fields)
    cdef const unsigned char* data = <const unsigned char*> PyBytes_AS_STRING(raw)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(raw), at = start, name, colon, value, end
    cdef unsigned char kind, odd
    fields.raw = raw
    fields.base = <const char*> data
    while True:
        if data[at] == c"\r" and data[at + 1] == c"\n" or bare and data[at] == c"\n":
            return fields
        name = at
        odd = 0
        while True:
            kind = kinds[data[at]]
            if kind == 0:
                break
            odd |= kind
            at += 1
        colon = at
        if data[at] != c":" or at == name:
            raise ProtocolError("invalid header line")
        at += 1
        while data[at] == c" " or data[at] == c"\t":
            at += 1
        value = at
        at = _end(data, at, length, in_value, 32)
        end = at
        if data[at] == c"\r" and data[at + 1] == c"\n":
            at += 2
        elif bare and data[at] == c"\n":
            at += 1
        else:
            raise ProtocolError("invalid octet in header line")
        while end > value and (data[end - 1] == c" " or data[end - 1] == c"\t"):
            end -= 1
        if odd != PLAIN and not lenient and not _wanted(odd, limits):
            continue
        if fields.count >= limits.fields + more:
            raise ProtocolError("client sent too many header lines", status=494)
        fields.push(name, colon - name, value, end - value)


cdef bint _wanted(unsigned char odd, HeadLimits limits) noexcept:
    """Whether a line stays whose name is a token, but not of letters, digits and hyphens."""
    if odd & TCHAR:
        return not limits.ignore_invalid
    return limits.underscores or not limits.ignore_invalid


cdef int _host(RequestHead head) except -1:
    """RFC 9112 §3.2: exactly one Host in HTTP/1.1, and it must be a host."""
    cdef Fields fields = head.fields
    cdef int index, found = -1
    if head.authority is not None:
        head.hostname = host_name(head.authority)
    if (fields.seen >> <int> HOST) & 1:
        for index in range(fields.count):
            if fields.slots[index].known == HOST:
                if found >= 0:
                    raise ProtocolError("client sent duplicate host header")
                found = index
    if found < 0:
        if head.minor >= 1:
            raise ProtocolError("client sent HTTP/1.1 request without \"Host\" header")
        return 0
    head.host = PyBytes_FromStringAndSize(fields.base + fields.slots[found].value,
                                          fields.slots[found].value_length)
    if head.hostname is None:
        head.hostname = host_name(head.host)
    else:
        host_name(head.host)            # the authority is what counts, but both must be hosts
    return 0


cdef ResponseHead parse_response(const char* data, Py_ssize_t length, bytes method):
    cdef ResponseHead head = ResponseHead.__new__(ResponseHead)
    cdef bytes raw = PyBytes_FromStringAndSize(data, length)
    cdef Py_ssize_t end
    data = PyBytes_AS_STRING(raw)
    head.raw = raw
    end = <const char*> memchr(data, c"\n", length) - data
    _status_line(head, data, end - 1 if end and data[end - 1] == c"\r" else end)
    head.fields = _fields(raw, end + 1, DEFAULT_LIMITS, True, True)
    frame_response(head, method)
    return head


cdef int _status_line(ResponseHead head, const char* data, Py_ssize_t length) except -1:
    """HTTP-version SP status-code [SP reason] (RFC 9112 §4)."""
    cdef int at
    if length < 12 or memcmp(data, b"HTTP/1.", 7) != 0:
        raise ProtocolError("invalid status line")
    if not c"0" <= data[7] <= c"9" or data[8] != c" ":
        raise ProtocolError("invalid status line")
    head.minor = 0 if data[7] == c"0" else 1
    for at in range(9, 12):
        if not c"0" <= data[at] <= c"9":
            raise ProtocolError("invalid status line")
        head.status = head.status * 10 + (data[at] - c"0")
    if head.status < 100 or length > 12 and data[12] != c" ":
        raise ProtocolError("invalid status line")
    for at in range(12, length):
        if not in_value[<unsigned char> data[at]]:
            raise ProtocolError("invalid octet in status line")
    head.reason = PyBytes_FromStringAndSize(data + 13, length - 13) if length > 13 else b""
    return 0


def parse_request_head(bytes block not None, HeadLimits limits not None=DEFAULT_LIMITS):
    """Parse a request head, its empty line included. Raises ProtocolError."""
    cdef Py_ssize_t scanned = 0, length
    length = request_head_length(PyBytes_AS_STRING(block), len(block), &scanned, limits)
    if length == 0:
        raise ProtocolError("incomplete head")
    return parse_request(PyBytes_AS_STRING(block), length, limits)


def parse_response_head(bytes block not None, bytes method not None=b"GET"):
    """Parse the head of a response to a request of that method. Raises ProtocolError."""
    cdef Py_ssize_t scanned = 0, length
    length = response_head_length(PyBytes_AS_STRING(block), len(block), &scanned, LONGEST_RESPONSE)
    if length == 0:
        raise ProtocolError("incomplete head")
    return parse_response(PyBytes_AS_STRING(block), length, method)


cdef Fields parse_lines(bytes block, HeadLimits limits):
    return _fields(block, 0, limits, False, False)


def parse_fields(bytes block not None, HeadLimits limits not None=DEFAULT_LIMITS):
    """Parse field lines that end with an empty line: a trailer section. Raises ProtocolError."""
    return _fields(block, 0, limits, False, False)
