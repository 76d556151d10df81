"""max_ranges: parts of an answer's content, one or several (RFC 9110 §14).

Only of content that is all there as it will be sent (`Response.allow_ranges`), of known length; the
filter is the last one. What cannot be understood, or asks for more than there is, is answered with
the whole.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Filter, Location
from forkproxy.core.ranges cimport (
    Unsatisfiable, asked_ranges, content_length, cut_to, parse_ranges,
)
from forkproxy.wire.names cimport ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE


cdef class Ranges(Filter):

    cdef int most               # of max_ranges; -1: no limit, 0: none at all

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes asked
        cdef list parts = None
        if not response.allow_ranges or response.status != 200 or self.most == 0:
            return 0
        if content_length(response) < 0:
            return 0
        asked = asked_ranges(exchange, response.fields)
        if asked is not None:
            try:
                parts = parse_ranges(asked, content_length(response),
                                     1 if response.single_range else self.most)
            except Unsatisfiable:
                return _refuse(exchange, response)
        if parts is not None and cut_to(response, parts):
            return 0
        if not response.fields.says(ACCEPT_RANGES, b"bytes"):
            response.fields.set(b"Accept-Ranges", b"bytes")
        return 0


cdef int _refuse(Exchange exchange, Response response) except -1:
    cdef long long length = content_length(response)
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


def install(scope, Location location not None, making):
    """Hang the cutting of ranges on a location's filters, as the last."""
    cdef Ranges made = Ranges.__new__(Ranges)
    most = scope.value("max_ranges")
    made.most = -1 if most is None else most
    location.filters = location.filters + (made,)
