"""What filters that change an answer's content have to say about it.

A filter runs when the head is about to be sent (`core.plan.Filter`) and may replace the body by one
that reads the old one. The order of filters is nginx's: conditions, added fields, content of other
kinds, compression, ranges. So a range is one of the octets that the client gets, and only content
that nobody has changed can be cut: whoever changes it calls `content_changes`.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

from forkproxy.core.exchange cimport Body, Response
from forkproxy.core.incoming cimport Incoming
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED

DEF PIECE = 65536           # octets that are taken in one go


cpdef int content_changes(Response response, Body body) except -1:
    cdef Fields fields = response.fields
    cdef bytes tag
    response.body = body
    response.declared_length = -1
    response.allow_ranges = False
    fields.remove_known(CONTENT_LENGTH)
    fields.remove_known(ACCEPT_RANGES)
    tag = fields.known_value(ETAG)
    if tag is not None and not tag.startswith(b"W/"):
        # RFC 9110 §8.8.1: a strong validator changes with every octet; what is no tag is none.
        if tag.startswith(b'"'):
            fields.set(b"ETag", b"W/" + tag)
        else:
            fields.remove_known(ETAG)
    return 0


cpdef int forget_validators(Response response) except -1:
    response.fields.remove_known(LAST_MODIFIED)
    response.fields.remove_known(ETAG)
    return 0


cpdef bytes media_type(Response response):
    cdef bytes given = response.fields.known_value(CONTENT_TYPE)
    return b"" if given is None else given.partition(b";")[0].strip().lower()


cdef bint has_type(Response response, object types) except -1:
    return types is None or media_type(response) in types


cdef class Wrapped(Body):

    def __init__(self, Body inner not None):
        self.inner = inner

    cpdef void close(self):
        self.inner.close()


cdef class Recoded(Wrapped):

    def __init__(self, Body inner not None):
        self.inner = inner
        self.out = b""

    cdef bytes turn(self, bytes piece):
        raise NotImplementedError

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        cdef const char* there = NULL
        cdef Py_ssize_t count
        cdef bytes piece
        cdef bint first = self.taken == 0
        while self.used == PyBytes_GET_SIZE(self.out) and not self.over:
            piece = None
            if not self.pending:
                count = min(self.inner.at_hand(&there), PIECE)
                if count == 0:
                    return 0
                piece = PyBytes_FromStringAndSize(there, count)
                self.inner.took(count)
            self._go_on(piece)
        if first and self.over:
            self.length = PyBytes_GET_SIZE(self.out)        # all was at hand
        octets[0] = PyBytes_AS_STRING(self.out) + self.used
        return PyBytes_GET_SIZE(self.out) - self.used

    cdef void took(self, Py_ssize_t count) noexcept:
        self.used += count

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while self.used == PyBytes_GET_SIZE(self.out):
            if self.over:
                return 0
            self._go_on(None if self.pending else self.inner.read())
        count = min(room, PyBytes_GET_SIZE(self.out) - self.used)
        memcpy(into, PyBytes_AS_STRING(self.out) + self.used, count)
        self.used += count
        return count

    cdef int _go_on(self, bytes piece) except -1:
        if piece is not None:
            self.taken += PyBytes_GET_SIZE(piece)
        self.pending = False
        self.out = self.turn(piece)
        self.used = 0
        self.given += PyBytes_GET_SIZE(self.out)
        if self.over:
            self.trailers = self.inner.trailers
        return 0

    cdef bint was_last(self) noexcept:
        if isinstance(self.inner, Incoming):
            return (<Incoming> self.inner).ended
        return self.taken == self.inner.length

    cdef bint nothing_follows(self) except -1:
        cdef const char* there = NULL
        if isinstance(self.inner, Incoming):
            return (<Incoming> self.inner).quiet()
        if self.inner.at_hand(&there):
            return False
        return not isinstance(self.inner, Recoded) or (<Recoded> self.inner).nothing_follows()

    cdef Body read_on(self):
        self.inner = self.inner.read_on()
        return self
