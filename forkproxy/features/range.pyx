"""max_ranges: parts of an answer's content, one or several (RFC 9110 §14).

Only of content that is all there as it will be sent (`Response.allow_ranges`), of known length; the
filter is the last one. What cannot be understood, or asks for more than there is, is answered with
the whole.
"""

import itertools

from libc.string cimport memcpy
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.content cimport Wrapped
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport (
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, LAST_MODIFIED,
    RANGE,
)

from forkproxy.wire.dates import parse_http_date

DEF WASTE = 65536           # octets before a part that are read and dropped at once
DEF LARGEST = (1 << 63) - 1

cdef object numbers = itertools.count(1)


cdef class Unsatisfiable(Exception):
    """No part that was asked for is there: 416."""


cdef class Ranges(Filter):

    cdef int most               # of max_ranges; -1: no limit, 0: none at all

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes asked
        cdef list parts = None
        if not response.allow_ranges or response.status != 200 or self.most == 0:
            return 0
        if response.body is None and response.declared_length < 0:
            return 0
        if response.body is not None and response.body.length < 0:
            return 0
        asked = exchange.head.fields.known_value(RANGE)
        if (asked is not None and asked[:6].lower() == b"bytes="
                and _still_the_same(exchange, response)):
            try:
                parts = parse_ranges(asked[6:], _length(response),
                                     1 if response.single_range else self.most)
            except Unsatisfiable:
                return _refuse(exchange, response)
        if parts is not None and _cut(response, parts):
            return 0
        if not response.fields.says(ACCEPT_RANGES, b"bytes"):
            response.fields.set(b"Accept-Ranges", b"bytes")
        return 0


cdef long long _length(Response response):
    return response.declared_length if response.body is None else response.body.length


cdef bint _still_the_same(Exchange exchange, Response response) except *:
    """If-Range: whether the client has the rest of this very content."""
    cdef bytes given = exchange.head.fields.known_value(IF_RANGE)
    cdef bytes changed
    if given is None:
        return True
    if given.endswith(b'"'):
        # The strong comparison: a weak tag is equal to nothing.
        return not given.startswith(b"W/") and given == response.fields.known_value(ETAG)
    changed = response.fields.known_value(LAST_MODIFIED)
    return changed is not None and parse_http_date(given) == parse_http_date(changed) != -1


def parse_ranges(bytes text not None, long long length, int most):
    """Return (start, end) of each part of `length` octets; None where the whole is to be sent.

    `most` parts at the most, -1 for any number. Raises Unsatisfiable.
    """
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


cdef int _refuse(Exchange exchange, Response response) except -1:
    cdef long long length = _length(response)
    cdef Response page = fault(exchange, 416)
    if response.body is not None:
        response.body.close()
    response.status = 416
    response.reason = None
    response.special = True
    response.body = page.body
    response.fields.remove_known(CONTENT_LENGTH)
    response.fields.remove_known(CONTENT_TYPE)
    response.fields.remove_known(CONTENT_RANGE)
    response.fields.set(b"Content-Type", b"text/html")
    response.fields.add(b"Content-Range", b"bytes */%d" % length)
    return 0


cdef bint _cut(Response response, list parts) except -1:
    """Make the answer one of these parts; whether that could be done."""
    cdef long long length = _length(response), start, end
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
    """Some octets out of a body that comes once, from front to end."""

    cdef long long skip
    cdef long long left

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
    """Several parts of a body that can be cut, each behind a small head (RFC 9110 §14.6)."""

    cdef list pieces            # (head, start, length) still to be sent
    cdef bytes text             # of a head, or the last boundary
    cdef bytes last
    cdef long long left         # octets of the current part

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


def install(scope, Location location not None, making):
    """Hang the cutting of ranges on a location's filters, as the last."""
    cdef Ranges made = Ranges.__new__(Ranges)
    most = scope.value("max_ranges")
    made.most = -1 if most is None else most
    location.filters = location.filters + (made,)
