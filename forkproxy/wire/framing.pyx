"""How long a message's content is: the one place that knows (RFC 9112 §6.3).

Whatever two parsers could read in two ways is refused: Content-Length beside Transfer-Encoding,
more than one of either, any coding but `chunked`. §6.3 lets a proxy repair some of these; it also
says that they "might indicate an attempt to perform request smuggling", so we do not.
"""

from forkproxy.wire.fields cimport Fields, Slot
from forkproxy.wire.head cimport RequestHead, ResponseHead
from forkproxy.wire.head_limits cimport MONITOR, Framing
from forkproxy.wire.names cimport (
    CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING, UPGRADE, same_letters,
)

from forkproxy.errors import ProtocolError

cdef enum:
    NOT_THERE = -1

# What Connection may name: bits of one word.
cdef enum Option:
    CLOSE = 1
    KEEP_ALIVE = 2
    UPGRADES = 4
    NAMES = 8           # fields of this hop only

cdef unsigned long long FRAMING = (1ULL << <int> CONTENT_LENGTH) | (1ULL << <int> TRANSFER_ENCODING)
cdef long long LONGEST = 0x7FFFFFFFFFFFFFFF


cdef int frame_request(RequestHead head, Framing mode) except -1:
    cdef Fields fields = head.fields
    cdef int named = _connection(fields)
    head.content_length = NOT_THERE
    if fields.seen & FRAMING:
        # RFC 9110 §15.6.2: 501 for a coding that is well-formed and not implemented.
        head.chunked = _chunked(fields, head.minor, 501)
        if mode == MONITOR:
            _repair(head)
        head.content_length = _length(fields, head.chunked)
    head.keep_alive = _stays(named, head.minor) and head.doubt is None
    head.connection_names = named & NAMES
    if head.minor >= 1:
        # RFC 9110 §7.8 and §10.1.1: in an HTTP/1.0 request either is to be ignored.
        head.upgrade = named & UPGRADES and (fields.seen >> <int> UPGRADE) & 1
        if (fields.seen >> <int> EXPECT) & 1:
            head.expect_continue = fields.known_value(EXPECT).lower() == b"100-continue"
    return 0


cdef int _repair(RequestHead head) except -1:
    """Do what RFC 9112 §6.3 lets a server do rather than refuse, and note that it was done.

    "the Transfer-Encoding overrides the Content-Length": which goes no further then. "all the same
    valid value" counts once. The connection is not used again.
    """
    cdef Fields fields = head.fields
    cdef list lengths = fields.all(b"content-length")
    cdef int index
    cdef bint keep = not head.chunked
    if not lengths or keep and (len(lengths) == 1 or len(set(lengths)) > 1):
        return 0
    head.doubt = ("more than one Content-Length" if keep
                  else "Content-Length and Transfer-Encoding together")
    for index in range(fields.count):
        if fields.slots[index].known == CONTENT_LENGTH:
            if not keep:
                fields.slots[index].dead = 1
                fields.live -= 1
            keep = False
    return 0


cdef int frame_response(ResponseHead head, bytes method) except -1:
    cdef Fields fields = head.fields
    cdef int named = _connection(fields)
    head.content_length = NOT_THERE
    if fields.seen & FRAMING:
        head.chunked = _chunked(fields, head.minor, 502)
        head.content_length = _length(fields, head.chunked)
    head.keep_alive = _stays(named, head.minor)
    head.connection_names = named & NAMES
    if method == b"HEAD" or head.status < 200 or head.status == 204 or head.status == 304:
        # No content, whatever the fields say: they are what another answer would have had.
        head.chunked = False
        head.no_content = True
    elif head.content_length == NOT_THERE and not head.chunked:
        head.keep_alive = False         # the content ends with the connection
    return 0


cdef bint _stays(int named, int minor) noexcept:
    """Whether the connection may carry another message (RFC 9112 §9.3)."""
    return not named & CLOSE and (minor >= 1 or named & KEEP_ALIVE)


cdef long long _length(Fields fields, bint chunked) except -2:
    """Content-Length, NOT_THERE without one: one line, digits only, at most 2^63 - 1."""
    cdef int index, found = -1, at, digit
    cdef long long length = 0
    cdef Slot* slot
    cdef const char* text
    for index in range(fields.count):
        if fields.slots[index].known == CONTENT_LENGTH and not fields.slots[index].dead:
            if found >= 0:
                raise ProtocolError("more than one Content-Length")
            found = index
    if found < 0:
        return NOT_THERE
    if chunked:
        raise ProtocolError("Content-Length and Transfer-Encoding together")
    slot = &fields.slots[found]
    text = fields.base + slot.value
    if slot.value_length == 0:
        raise ProtocolError("invalid Content-Length")
    for at in range(slot.value_length):
        if not c"0" <= text[at] <= c"9":
            raise ProtocolError("invalid Content-Length")
        digit = text[at] - c"0"
        if length > (LONGEST - digit) // 10:
            raise ProtocolError("Content-Length is too large")
        length = length * 10 + digit
    return length


cdef bint _chunked(Fields fields, int minor, int unknown) except -1:
    """Whether the chunked coding is on. `unknown`: the status for a coding that is not ours."""
    cdef list found = fields.all(b"transfer-encoding")
    cdef bytes coding
    if not found:
        return False
    if len(found) > 1:
        raise ProtocolError("more than one Transfer-Encoding")
    if minor < 1:
        # RFC 9112 §6.1: "a server or client that receives an HTTP/1.0 message containing a
        # Transfer-Encoding header field MUST treat the message as if the framing is faulty".
        raise ProtocolError("Transfer-Encoding in HTTP/1.0")
    coding = (<bytes> found[0]).lower()
    if coding == b"chunked":
        return True
    # Lists, parameters, `identity` (gone from the registry since RFC 7230): all but just that.
    raise ProtocolError("unknown Transfer-Encoding", status=unknown)


cdef int _connection(Fields fields) noexcept:
    """What the Connection lines name, as bits of Option (RFC 9110 §7.6.1)."""
    cdef int index, named = 0
    cdef Slot* slot
    if not (fields.seen >> <int> CONNECTION) & 1:
        return 0
    for index in range(fields.count):
        slot = &fields.slots[index]
        if slot.known == CONNECTION:
            named |= _options(fields.base + slot.value, slot.value_length)
    return named


cdef int _options(const char* text, Py_ssize_t length) noexcept:
    cdef Py_ssize_t start = 0, end
    cdef int named = 0
    while start < length:
        end = start
        while end < length and text[end] != c",":
            end += 1
        named |= _option(text + start, end - start)
        start = end + 1
    return named


cdef int _option(const char* text, Py_ssize_t length) noexcept:
    while length and (text[0] == c" " or text[0] == c"\t"):
        text += 1
        length -= 1
    while length and (text[length - 1] == c" " or text[length - 1] == c"\t"):
        length -= 1
    if length == 0:
        return 0
    if length == 5 and same_letters(text, b"close", 5):
        return CLOSE
    if length == 7 and same_letters(text, b"upgrade", 7):
        return UPGRADES
    if length == 10 and same_letters(text, b"keep-alive", 10):
        return KEEP_ALIVE
    return NAMES
