"""FastCGI 1.0: what a web server sends an application, and the records that come back.

One request at a time on a connection, always number 1: hardly any application takes more.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.wire.writer cimport Writer

from forkproxy.errors import ProtocolError

DEF VERSION = 1
DEF REQUEST = 1
DEF RESPONDER = 1
DEF KEEP_CONN = 1

# Types of records (§8).
DEF BEGIN_REQUEST = 1
DEF END_REQUEST = 3
DEF PARAMS = 4
DEF STDIN_ = 5
DEF STDOUT_ = 6
DEF STDERR_ = 7


cdef class Records:

    cdef Piece next(self, const char* data, Py_ssize_t length, Py_ssize_t* used,
                    Py_ssize_t* count) except *:
        cdef Py_ssize_t at = 0
        count[0] = 0
        while True:
            if self.content and self.kind != END_REQUEST and at < length:
                used[0] = at
                count[0] = min(self.content, length - at)
                return STDOUT if self.kind == STDOUT_ else STDERR
            at += self._skip(length - at)
            used[0] = at
            if self.content or self.padding:
                return MORE
            if self.kind == END_REQUEST:
                self.over = True
                return END
            while self.have < RECORD_FRONT and at < length:
                self.header[self.have] = data[at]
                self.have += 1
                at += 1
            used[0] = at
            if self.have < RECORD_FRONT:
                return MORE
            self._begin()

    cdef Py_ssize_t _skip(self, Py_ssize_t there) noexcept:
        """Pass over what nobody needs of this record: all of an END_REQUEST, and padding."""
        cdef Py_ssize_t content = 0, padding
        if self.kind == END_REQUEST:
            content = min(self.content, there)
            self.content -= content
        padding = 0 if self.content else min(self.padding, there - content)
        self.padding -= padding
        return content + padding

    cdef void took(self, Py_ssize_t count) noexcept:
        self.content -= count

    cdef int _begin(self) except -1:
        """A header is complete (§3.3)."""
        cdef int request = self.header[2] << 8 | self.header[3]
        self.have = 0
        if self.header[0] != VERSION:
            raise ProtocolError(f"unsupported FastCGI protocol version: {self.header[0]}")
        self.kind = self.header[1]
        if self.kind != STDOUT_ and self.kind != STDERR_ and self.kind != END_REQUEST:
            raise ProtocolError(f"invalid FastCGI record type: {self.kind}")
        if request != REQUEST:
            raise ProtocolError(f"unexpected FastCGI request id: {request}")
        self.content = self.header[4] << 8 | self.header[5]
        self.padding = self.header[6]
        return 0

    def feed(self, bytes octets not None):
        """Return the pieces that octets complete: ("stdout" or "stderr", octets), or ("end", b"").

        What comes behind the end is left alone. Raises ProtocolError.
        """
        cdef list pieces = []
        cdef const char* data = PyBytes_AS_STRING(octets)
        cdef Py_ssize_t at = 0, used = 0, count = 0, length = PyBytes_GET_SIZE(octets)
        cdef Piece piece
        while True:
            piece = self.next(data + at, length - at, &used, &count)
            at += used
            if piece == MORE:
                return pieces
            if piece == END:
                pieces.append(("end", b""))
                return pieces
            pieces.append(("stdout" if piece == STDOUT else "stderr", data[at:at + count]))
            self.took(count)
            at += count


cdef int _put_header(Writer to, int kind, Py_ssize_t length) except -1:
    cdef unsigned char header[RECORD_FRONT]
    _header(header, kind, length)
    return to.put(<char*> header, RECORD_FRONT)


cdef void _header(unsigned char* into, int kind, Py_ssize_t length) noexcept:
    into[0] = VERSION
    into[1] = kind
    into[2] = REQUEST >> 8
    into[3] = REQUEST
    into[4] = <unsigned char> (length >> 8)
    into[5] = <unsigned char> length
    into[6] = into[7] = 0


cdef int put_begin(Writer to, bint keep) except -1:
    cdef char body[8]
    body[:] = [0, RESPONDER, KEEP_CONN if keep else 0, 0, 0, 0, 0, 0]
    _put_header(to, BEGIN_REQUEST, 8)
    return to.put(body, 8)


cdef int put_param(Writer to, bytes name, bytes value) except -1:
    _put_length(to, PyBytes_GET_SIZE(name))
    _put_length(to, PyBytes_GET_SIZE(value))
    to.put_bytes(name)
    return to.put_bytes(value)


cdef int _put_length(Writer to, Py_ssize_t length) except -1:
    """One octet up to 127, four with the highest bit set beyond (§3.4)."""
    cdef unsigned char octets[4]
    if length < 128:
        octets[0] = <unsigned char> length
        return to.put(<char*> octets, 1)
    octets[0] = <unsigned char> (length >> 24 | 128)
    octets[1] = <unsigned char> (length >> 16)
    octets[2] = <unsigned char> (length >> 8)
    octets[3] = <unsigned char> length
    return to.put(<char*> octets, 4)


cdef int put_params(Writer to, Writer params) except -1:
    return _put_stream(to, PARAMS, params.data, params.used)


cdef int put_stdin(Writer to, const char* content, Py_ssize_t length) except -1:
    return _put_stream(to, STDIN_, content, length)


cdef int put_record(Writer to, const char* content, Py_ssize_t length) except -1:
    _put_header(to, STDIN_, length)
    return to.put(content, length)


cdef int _put_stream(Writer to, int kind, const char* content, Py_ssize_t length) except -1:
    cdef Py_ssize_t piece
    while length:
        piece = min(length, RECORD_MOST)
        _put_header(to, kind, piece)
        to.put(content, piece)
        content += piece
        length -= piece
    return _put_header(to, kind, 0)


cdef void frame_stdin(char* data, Py_ssize_t count) noexcept:
    _header(<unsigned char*> data, STDIN_, count)


def request(list params not None, bytes content not None=b"", bint keep=False):
    """Return a whole request as octets: [(name, value)] and its content."""
    cdef Writer to = Writer(), pairs = Writer()
    for name, value in params:
        put_param(pairs, name, value)
    put_begin(to, keep)
    put_params(to, pairs)
    put_stdin(to, PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))
    return to.taken()
