"""if_modified_since and ETag: answers that the client has already (RFC 9110 §13).

Evaluated for our own answers of status 200, files mostly, in the order of §13.2.2.
"""

from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport (
    ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED,
)

from forkproxy.wire.dates import parse_http_date

cdef unsigned long long CONDITIONS = (
    (1ULL << <int> IF_MATCH) | (1ULL << <int> IF_NONE_MATCH)
    | (1ULL << <int> IF_MODIFIED_SINCE) | (1ULL << <int> IF_UNMODIFIED_SINCE)
)


cdef class NotModified(Filter):

    cdef str mode                   # of if_modified_since: off, exact, before

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Fields asked = exchange.head.fields
        cdef bytes modified, tag
        cdef Response page
        if not asked.seen & CONDITIONS or (
                response.status != 200 and not (response.status == 206 and response.cached)):
            return 0
        if exchange.redirects and exchange.error_status:
            return 0        # an error's page
        if response.from_upstream and not response.cached:
            return 0        # it saw the conditions itself, and may have acted: 412 would deny that
        modified = response.fields.known_value(LAST_MODIFIED)
        if modified is None and response.cached:
            modified = response.date        # RFC 9111 §4.3.2: then it is not newer than that
        tag = response.fields.known_value(ETAG)
        if not _still_so(asked, modified, tag):
            page = fault(exchange, 412)
            _become(response, 412, page.fields, page.body)
        elif self._not_modified(asked, modified, tag):
            for name in (b"content-type", b"content-length", b"content-encoding"):
                response.fields.remove(name)
            _become(response, 304, response.fields, None)
        return 0

    cdef bint _not_modified(self, Fields asked, bytes modified, bytes tag) except *:
        cdef bytes wanted = asked.joined(b"if-none-match")
        cdef long long since, then
        if wanted is not None:
            # §13.1.3: with If-None-Match there, If-Modified-Since is not looked at.
            return tag is not None and _matches(wanted, tag, True)
        wanted = asked.known_value(IF_MODIFIED_SINCE)
        if wanted is None or modified is None or self.mode == "off":
            return False
        if self.mode == "exact":
            return wanted == modified or parse_http_date(wanted) == parse_http_date(modified) != -1
        since = parse_http_date(wanted)
        then = parse_http_date(modified)
        return since != -1 and then != -1 and then <= since


cdef bint _still_so(Fields asked, bytes modified, bytes tag) except *:
    """If-Match and If-Unmodified-Since: False is a 412."""
    cdef bytes wanted = asked.joined(b"if-match")
    cdef long long since, then
    if wanted is not None:
        return tag is not None and _matches(wanted, tag, False)
    wanted = asked.known_value(IF_UNMODIFIED_SINCE)
    if wanted is None or modified is None:
        return True
    since = parse_http_date(wanted)
    then = parse_http_date(modified)
    return since == -1 or then == -1 or then <= since


cdef bint _matches(bytes wanted, bytes tag, bint weak) except *:
    """Whether a list of entity tags has ours; `weak`: by the weak comparison (§8.8.3.2)."""
    if wanted.strip() == b"*":
        return True
    if weak:
        tag = tag.removeprefix(b"W/")
    elif tag.startswith(b"W/"):
        return False
    for one in wanted.split(b","):
        one = one.strip()
        if (one.removeprefix(b"W/") if weak else one) == tag:
            return True
    return False


cdef int _become(Response response, int status, Fields fields, Body body) except -1:
    response.status = status
    response.reason = None
    if response.body is not None:
        response.body.close()
    response.body = body
    response.fields = fields
    return 0


def install(scope, Location location not None, making):
    """Hang the evaluation of conditions on a location's filters."""
    cdef NotModified made = NotModified.__new__(NotModified)
    made.mode = scope.value("if_modified_since")
    location.filters = location.filters + (made,)
