"""Parts of an answer's content, one or several: which are asked for, and how it becomes them.

RFC 9110 §14. Who uses this knows that the content is all there as it will be sent, and how long.
"""

import itertools

from libc.string cimport memcpy
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.content cimport Wrapped
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport (
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, LAST_MODIFIED,
    RANGE,
)

from forkproxy.wire.dates import parse_http_date

DEF LARGEST = (1 << 63) - 1

cdef object numbers = itertools.count(1)


cdef class Unsatisfiable(Exception):
    pass


cdef bytes asked_ranges(Exchange exchange, Fields fields):
    cdef bytes asked = exchange.head.fields.known_value(RANGE)
    if asked is None or asked[:6].lower() != b"bytes=" or not _still_the_same(exchange, fields):
        return None
    return asked[6:]


cdef bint _still_the_same(Exchange exchange, Fields fields) except *:
    """If-Range: whether the client has the rest of this very content."""
    cdef bytes given = exchange.head.fields.known_value(IF_RANGE)
    cdef bytes changed
    if given is None:
        return True
    if given.endswith(b'"'):
        # The strong comparison: a weak tag is equal to nothing.
        return not given.startswith(b"W/") and given == fields.known_value(ETAG)
    changed = fields.known_value(LAST_MODIFIED)
    return changed is not None and parse_http_date(given) == parse_http_date(changed) != -1


cpdef list parse_ranges(bytes text, long long length, int most):
    cdef list parts = []
    cdef long long start, end, sum = 0
    for spec in text.split(b","):
        first, dash, last = (<bytes> spec).partition(b"-")
        first, last = first.strip(b" "), last.strip(b" ")
        if (not dash or not (first or last) or first and not first.isdigit()
                or last and not last.isdigit()):
            raise Unsatisfiable
        if not first:
            start = max(length - _number(last), 0)
            end = length
        else:
            start = _number(first)
            end = length if not last else min(_number(last), length - 1) + 1
        if start < end:
            parts.append((start, end))
            sum += end - start
            if 0 <= most < len(parts):
                return None
        elif start == 0:
            return None
    if not parts:
        raise Unsatisfiable
    return parts if sum <= length else None


cdef long long _number(bytes digits) except -1:
    cdef object value = int(digits)
    if value > LARGEST:
        raise Unsatisfiable
    return value


cdef long long content_length(Response response):
    return response.declared_length if response.body is None else response.body.length


cdef bint cut_to(Response response, list parts) except -1:
    cdef long long length = content_length(response), start, end
    cdef Fields fields = response.fields
    fields.remove_known(CONTENT_RANGE)      # whatever the source said of it: the parts are ours
    if len(parts) > 1:
        if not _cut_many(response, parts, length):
            return False
    else:
        start, end = parts[0]
        fields.add(b"Content-Range", b"bytes %d-%d/%d" % (start, end - 1, length))
        if response.body is None:
            response.declared_length = end - start
        elif not response.body.cut(start, end - start):
            response.body = Part(response.body, start, end - start)
    fields.remove_known(CONTENT_LENGTH)
    fields.remove_known(ACCEPT_RANGES)
    response.status = 206
    response.reason = None
    return True


cdef bint _cut_many(Response response, list parts, long long length) except -1:
    cdef bytes boundary = b"%020d" % next(numbers)
    cdef bytes media = response.fields.known_value(CONTENT_TYPE)
    cdef bytes front = b"\r\n--" + boundary + b"\r\n"
    cdef bytes last = b"\r\n--" + boundary + b"--\r\n"
    cdef list pieces = []
    cdef Parts body
    cdef long long sum = len(last)
    if media is not None:
        front += b"Content-Type: " + media + b"\r\n"
    for start, end in parts:
        head = front + b"Content-Range: bytes %d-%d/%d\r\n\r\n" % (start, end - 1, length)
        pieces.append((head, start, end - start))
        sum += len(head) + end - start
    if response.body is None:
        response.declared_length = sum
    else:
        if not response.body.cut(0, length):
            return False            # it comes once, from front to end
        body = Parts(response.body)
        body.pieces = pieces
        body.last = last
        body.length = sum
        response.body = body
    response.fields.set(b"Content-Type", b"multipart/byteranges; boundary=" + boundary)
    return True


cdef class Part(Wrapped):

    def __init__(self, Body inner not None, long long start, long long length):
        self.inner = inner
        self.skip = start
        self.left = self.length = length

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while self.skip:
            count = self.inner.read_into(into, min(room, self.skip))
            if count == 0:
                return 0
            self.skip -= count
        if self.left == 0:
            return 0
        count = self.inner.read_into(into, min(room, self.left))
        self.left -= count
        return count


cdef class Parts(Wrapped):

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        if self.text is None and self.left == 0 and not self._next():
            return 0
        if self.text is not None:
            count = min(room, PyBytes_GET_SIZE(self.text))
            memcpy(into, PyBytes_AS_STRING(self.text), count)
            self.text = self.text[count:] or None
            return count
        count = self.inner.read_into(into, min(room, self.left))
        self.left -= count
        return count

    cdef bint _next(self) except -1:
        if self.pieces:
            self.text, start, self.left = self.pieces.pop(0)
            self.inner.cut(start, self.left)
        elif self.last is not None:
            self.text = self.last
            self.last = None
        else:
            return False
        return True
