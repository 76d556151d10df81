"""Reading the chunked coding (RFC 9112 §7.1), taken off in place, strictly.

Sizes are hexadecimal digits and nothing else; lines end in CR LF; extensions are passed over, with
a limit for the whole content, and with no control octet and no open quote in them; trailers are
fields like any other, but for those that framing or routing would hang on.
"""

from libc.string cimport memmove

from forkproxy.wire.digits cimport hex_digit
from forkproxy.wire.fields cimport Fields

from forkproxy.errors import ProtocolError
from forkproxy.wire.head import parse_fields

DEF MOST_DIGITS = 15            # of a chunk's size: below 2^60
DEF MOST_EXTENSIONS = 16384     # octets of all chunks' extensions: work that is no content
DEF MOST_TRAILERS = 16384       # octets of the trailer section


cdef enum State:
    SIZE            # hexadecimal digits
    EXTENSION       # behind the size, to the line's end
    SIZE_LF
    CONTENT
    CONTENT_CR
    CONTENT_LF
    TRAILERS


cdef class ChunkedDecoder:

    def __cinit__(self):
        self.state = SIZE
        self.limit = MOST_TRAILERS

    cdef int decode(
        self, char* data, Py_ssize_t length, Py_ssize_t* consumed, Py_ssize_t* produced,
    ) except -1:
        cdef Py_ssize_t at = 0, out = 0, count
        cdef unsigned char octet
        while at < length and not self.done:
            if self.state == CONTENT:
                count = length - at
                if <unsigned long long> count > self.left:
                    count = self.left
                if out != at:
                    memmove(data + out, data + at, count)
                out += count
                at += count
                self.left -= count
                if self.left == 0:
                    self.state = CONTENT_CR
                continue
            octet = <unsigned char> data[at]
            at += 1
            if self.state == TRAILERS:
                self._trailer(octet)
            else:
                self._step(octet)
        self.received += out
        consumed[0] = at
        produced[0] = out
        return 0

    cdef int _step(self, unsigned char octet) except -1:
        cdef int digit
        if self.state == SIZE:
            digit = hex_digit(octet)
            if digit >= 0:
                self.digits += 1
                if self.digits > MOST_DIGITS:
                    raise ProtocolError("chunk size is too large")
                self.left = (self.left << 4) | <unsigned long long> digit
            elif self.digits == 0:
                raise ProtocolError("invalid chunk size")
            elif octet == c"\r":
                self.state = SIZE_LF
            elif octet == c";" or octet == c" " or octet == c"\t":
                self.state = EXTENSION
                self.blank = octet != c";"
            else:
                raise ProtocolError("invalid chunk size")
        elif self.state == EXTENSION:
            self._extension(octet)
        elif self.state == SIZE_LF:
            if octet != c"\n":
                raise ProtocolError("CR without LF behind a chunk size")
            self.digits = 0
            self.state = CONTENT if self.left else TRAILERS
        elif self.state == CONTENT_CR:
            if octet != c"\r":
                raise ProtocolError("chunk is longer than its size")
            self.state = CONTENT_LF
        else:
            if octet != c"\n":
                raise ProtocolError("CR without LF behind a chunk")
            self.state = SIZE
        return 0

    cdef int _extension(self, unsigned char octet) except -1:
        self.extension += 1
        if self.extension > MOST_EXTENSIONS:
            raise ProtocolError("chunk extensions are too long")
        if octet == c"\r":
            if self.quoted:
                # Whoever reads quotes to their end finds the content in them.
                raise ProtocolError("a quote in a chunk extension is not closed")
            if self.blank:
                # "5 " is what two parsers disagree on; RFC 9112 §7.1.1 allows blanks only
                # around an extension.
                raise ProtocolError("white space behind a chunk size")
            self.state = SIZE_LF
        elif octet == c";":
            self.blank = False
        elif self.blank and octet != c" " and octet != c"\t":
            raise ProtocolError("invalid chunk size")
        elif octet < 32 and octet != c"\t" or octet == 127:
            raise ProtocolError("invalid octet in a chunk extension")
        if self.escaped:
            self.escaped = False
        elif octet == c'"':
            self.quoted = not self.quoted
        else:
            self.escaped = self.quoted and octet == c"\\"
        return 0

    cdef int _trailer(self, unsigned char octet) except -1:
        """Gather the trailer section up to its empty line."""
        cdef Py_ssize_t length
        if self.tail is None:
            self.tail = bytearray()
        self.tail.append(octet)
        length = len(self.tail)
        if length > self.limit:
            raise ProtocolError("trailer section is too large")
        if octet != c"\n":
            return 0
        if length < 2 or self.tail[length - 2] != c"\r":
            raise ProtocolError("LF without CR in a trailer section")
        if length == 2:
            self.done = True
        elif length >= 4 and self.tail[length - 4] == c"\r" and self.tail[length - 3] == c"\n":
            self.trailers = _checked(parse_fields(bytes(self.tail)))
            self.done = True
        return 0

    def feed(self, bytes data not None):
        """Take the coding off some octets: return (content, what follows the end)."""
        cdef bytearray room = bytearray(data)
        cdef Py_ssize_t consumed = 0, produced = 0
        self.decode(room, len(room), &consumed, &produced)
        return bytes(room[:produced]), bytes(room[consumed:])


cdef Fields _checked(Fields trailers):
    """RFC 9110 §6.5.1: nothing that framing or routing hangs on may come behind the content."""
    for name in (b"content-length", b"transfer-encoding", b"host", b"trailer"):
        if trailers.has(name):
            raise ProtocolError("forbidden field in a trailer section")
    return trailers
