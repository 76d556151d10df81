"""An upstream's answer becomes ours: as it came, as a tunnel, or as the location says."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Location
from forkproxy.net.poller cimport poller
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.forward cimport Forward
from forkproxy.upstream.release cimport Release
from forkproxy.upstream.request_head cimport remove_listed
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.names cimport (
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG, EXPIRES, LAST_MODIFIED, LOCATION,
    REFRESH, SERVER, SET_COOKIE, X_ACCEL_BUFFERING, X_ACCEL_CHARSET, X_ACCEL_EXPIRES,
    X_ACCEL_LIMIT_RATE, X_ACCEL_REDIRECT,
)
from forkproxy.wire.target cimport normalise_path

from forkproxy.errors import PeerError, ProtocolError
from forkproxy.units import parse_size

# Fields of an answer that must not come twice. Two lengths or codings are refused with the head.
cdef unsigned long long ONCE = (
    (1ULL << <int> CONTENT_TYPE) | (1ULL << <int> CONTENT_ENCODING) | (1ULL << <int> DATE)
    | (1ULL << <int> SERVER) | (1ULL << <int> LOCATION) | (1ULL << <int> REFRESH)
    | (1ULL << <int> LAST_MODIFIED) | (1ULL << <int> ETAG) | (1ULL << <int> EXPIRES)
    | (1ULL << <int> ACCEPT_RANGES) | (1ULL << <int> X_ACCEL_REDIRECT)
    | (1ULL << <int> X_ACCEL_EXPIRES) | (1ULL << <int> X_ACCEL_LIMIT_RATE)
    | (1ULL << <int> X_ACCEL_BUFFERING) | (1ULL << <int> X_ACCEL_CHARSET)
)


cdef Response pass_on(Forward self, Exchange exchange, ResponseHead head, Answer body):
    cdef Response response = Response(head.status, head.fields)
    cdef bytes value
    response.from_upstream = True
    response.reason = head.reason
    if head.fields.twice & ONCE:
        head.fields.keep_first(ONCE)        # as nginx: the first line counts
    exchange.upstream_fields = head.fields
    if head.connection_names:
        remove_listed(head.fields)
    response.unbuffered = not self.buffering
    if self.streams_events:
        value = head.fields.known_value(CONTENT_TYPE)
        response.unbuffered = (value is not None
                               and value.lower().startswith(b"text/event-stream"))
    if self.obeys_buffering:
        value = head.fields.known_value(X_ACCEL_BUFFERING)
        if value is not None:
            response.unbuffered = value.lower() == b"no"
    if head.status == 101:
        return _tunnel(self, exchange, response, body)
    if exchange.method == b"HEAD" or head.status == 304 or head.status == 204:
        response.declared_length = head.content_length
        body._over()
        return response
    if not response.unbuffered:
        body.read_ahead = self.read_ahead
        body.temp_file_size = self.temp_file_size
        body.temp_path = self.temp_path
    if self.limit_rate is not None:
        body.since = poller.now
        body.rate = _octets(self.limit_rate.evaluate(exchange))
    response.body = exchange.upstream_content = body
    return response


cdef Response _tunnel(Forward self, Exchange exchange, Response response, Answer body):
    cdef Release release = <Release> body.released
    if not exchange.head.upgrade or exchange.parent is not None:
        raise PeerError("upstream sent 101 without an upgrade asked for", sent=True)
    response.early = body.buffer.data[body.buffer.start:body.buffer.end]
    release.tunnel = True
    response.tunnel = body.detach().stream
    response.tunnel_limit = self.read_timeout
    exchange.defer((<object> response.tunnel).close)
    exchange.defer(release.end_tunnel)
    return response


cdef double _octets(bytes given) except -1.0:
    """What proxy_limit_rate comes to; what is no size limits nothing."""
    try:
        return parse_size(given.decode("latin-1")) if given else 0.0
    except ValueError:
        return 0.0


cdef Response finished(Forward self, Exchange exchange, Response response):
    cdef bytes value
    if response.from_upstream and response.status == 101:
        return response
    if response.from_upstream and self.obeys_limit_rate:
        value = response.fields.known_value(X_ACCEL_LIMIT_RATE)
        if value:
            exchange.limit_rate = value
    if response.from_upstream and self.obeys_redirect:
        value = response.fields.known_value(X_ACCEL_REDIRECT)
        if value:
            return _elsewhere(exchange, response, value)
    if (self.intercept_errors and response.from_upstream and response.status >= 300
            and (<Location> exchange.location).error_pages is not None
            and response.status in (<Location> exchange.location).error_pages):
        if response.body is not None:
            response.body.close()
        return _ours(exchange, response)
    return response


cdef Response _ours(Exchange exchange, Response answered):
    """An upstream's error as if it were ours, so that error_page replaces it."""
    cdef Response response = fault(exchange, answered.status)
    for value in answered.fields.all(b"www-authenticate"):
        response.fields.add(b"WWW-Authenticate", value)
    exchange.keep_alive = exchange.head.keep_alive
    return response


# Fields of an answer with X-Accel-Redirect that stay on the answer of the other location.
cdef tuple KEPT = (b"Set-Cookie", b"Content-Disposition", b"Cache-Control", b"Expires",
                   b"Content-Type")


cdef Response _elsewhere(Exchange exchange, Response response, bytes where):
    """X-Accel-Redirect: another location answers, with some fields of the upstream's."""
    cdef bytes path, mark, args
    cdef list kept = [(name, value) for name in KEPT for value in response.fields.all(name.lower())]
    if response.body is not None:
        response.body.close()
    exchange.carried = kept if exchange.carried is None else exchange.carried + kept
    if where.startswith(b"@"):
        return exchange.redirect_to_named(where)
    path, mark, args = where.partition(b"?")
    if exchange.method != b"HEAD":
        exchange.method = b"GET"
    try:
        if not path.startswith(b"/"):
            raise ProtocolError("no path")      # normalised, "a/../../b" would be as it is
        path = normalise_path(path, True)
    except ProtocolError:
        exchange.report("error", f"upstream sent unsafe X-Accel-Redirect {where!r}")
        return fault(exchange, 404)
    return exchange.redirect(path, args if mark else None)


cdef int dress_as_said(Forward self, Exchange exchange, Response response) except -1:
    cdef Fields fields = response.fields
    if self.redirects is not None and (fields.find_known(LOCATION) >= 0
                                       or fields.find_known(REFRESH) >= 0):
        exchange.upstream_fields = fields.copy()
        self.redirects(exchange, fields)
    if self.cookies is not None and (fields.seen >> <int> SET_COOKIE) & 1:
        exchange.upstream_fields = fields.copy()
        self.cookies(exchange, fields)
    response.hidden = self.hidden
    if self.pass_date:
        response.date = fields.known_value(DATE) or b""
    if self.pass_server:
        response.server = fields.known_value(SERVER) or b""
    response.pass_trailers = self.pass_trailers
    if self.force_ranges:
        response.single_range = not response.cached
        response.allow_ranges = True
    return 0
