"""How long a message's content is: the one place that knows (RFC 9112 §6.3).

Whatever two parsers could read in two ways is refused: Content-Length beside Transfer-Encoding,
more than one of either, any coding but `chunked`. §6.3 lets a proxy repair some of these; it also
says that they "might indicate an attempt to perform request smuggling", so we do not.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize

from forkproxy.wire.fields cimport (
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING, UPGRADE, Fields, Slot,
)
from forkproxy.wire.head cimport RequestHead, ResponseHead

from forkproxy.errors import ProtocolError

cdef unsigned long long SEEN_FRAMING = (1ULL << <int> CONTENT_LENGTH) | (1ULL << <int> TRANSFER_ENCODING)


cdef int frame_request(RequestHead head) except -1:
    cdef Fields fields = head.fields
    cdef bytes value
    head.content_length = -1
    head.keep_alive = head.minor >= 1
    if fields.seen & SEEN_FRAMING:
        head.content_length = _length(fields)
        head.chunked = _chunked(fields, head.minor, 501)
        if head.chunked and head.content_length >= 0:
            raise ProtocolError("Content-Length and Transfer-Encoding together")
    if (fields.seen >> <int> CONNECTION) & 1:
        _connection(head, fields)
    if (fields.seen >> <int> EXPECT) & 1 and head.minor >= 1:
        value = fields.known_value(EXPECT)
        head.expect_continue = value.lower() == b"100-continue"
    return 0


cdef int frame_response(ResponseHead head, bytes method) except -1:
    cdef Fields fields = head.fields
    cdef bytes value
    head.content_length = -1
    head.keep_alive = head.minor >= 1
    if fields.seen & SEEN_FRAMING:
        head.content_length = _length(fields)
        head.chunked = _chunked(fields, head.minor, 400)
        if head.chunked and head.content_length >= 0:
            raise ProtocolError("Content-Length and Transfer-Encoding together")
    if (fields.seen >> <int> CONNECTION) & 1:
        value = fields.joined(b"connection").lower()
        for token in value.split(b","):
            token = token.strip()
            if token == b"close":
                head.keep_alive = False
            elif token == b"keep-alive":
                head.keep_alive = head.keep_alive or b"close" not in value
            elif token and token != b"upgrade":
                head.connection_names = True
    if method == b"HEAD" or head.status < 200 or head.status == 204 or head.status == 304:
        # No content, whatever the fields say: they are what another answer would have had.
        head.chunked = False
        head.no_content = True
    elif head.content_length < 0 and not head.chunked:
        head.keep_alive = False         # the content ends with the connection
    return 0


cdef long long _length(Fields fields) except -2:
    """Content-Length, -1 without one: one line, digits only, below 2^63."""
    cdef int index, found = -1
    cdef Slot* slot
    cdef long long length = 0
    cdef const char* digits
    cdef int at
    for index in range(fields.count):
        if fields.slots[index].known == CONTENT_LENGTH:
            if found >= 0:
                raise ProtocolError("more than one Content-Length")
            found = index
    if found < 0:
        return -1
    slot = &fields.slots[found]
    digits = fields.base + slot.value
    if slot.value_length == 0 or slot.value_length > 18:
        raise ProtocolError("invalid Content-Length")
    for at in range(slot.value_length):
        if not c"0" <= digits[at] <= c"9":
            raise ProtocolError("invalid Content-Length")
        length = length * 10 + (digits[at] - c"0")
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
    if coding != b"chunked":
        plain = coding.isalnum() and coding != b"identity"
        raise ProtocolError("unknown Transfer-Encoding", status=unknown if plain else 400)
    return True


cdef int _connection(RequestHead head, Fields fields) except -1:
    cdef bytes value = fields.joined(b"connection").lower()
    cdef bytes token
    cdef bint close = False
    if value == b"keep-alive":
        head.keep_alive = True
        return 0
    if value == b"close":
        head.keep_alive = False
        return 0
    for part in value.split(b","):
        token = part.strip()
        if token == b"close":
            close = True
        elif token == b"keep-alive":
            head.keep_alive = True
        elif token == b"upgrade":
            head.upgrade = (fields.seen >> <int> UPGRADE) & 1
        elif token:
            head.connection_names = True
    if close:
        head.keep_alive = False
    return 0
