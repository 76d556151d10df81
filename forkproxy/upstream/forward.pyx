"""The `proxy` handler: pick a peer, borrow or dial a connection, send, answer or try another."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from posix.uio cimport iovec

import re

from forkproxy.core.bodies cimport OctetsBody, Stored
from forkproxy.core.exchange cimport Attempt, Body, Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.faults cimport fault
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Location, Origin
from forkproxy.core.subrequest cimport store_body
from forkproxy.net.dial cimport dial
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Buffer, Stream, give_back, lend_large
from forkproxy.net.tls cimport TlsStream
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.pump cimport Pump
from forkproxy.upstream.request_head cimport remove_listed, write_head
from forkproxy.upstream.upstream cimport Upstream
from forkproxy.wire.fields cimport (
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG, EXPIRES, LAST_MODIFIED, LOCATION,
    REFRESH, SERVER, SET_COOKIE, X_ACCEL_BUFFERING, X_ACCEL_CHARSET, X_ACCEL_EXPIRES,
    X_ACCEL_LIMIT_RATE, X_ACCEL_REDIRECT, Fields,
)
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.target cimport escape_path, normalise_path
from forkproxy.wire.writer cimport Writer

from forkproxy.core.networks import split_port
from forkproxy.errors import Gone, PeerError, ProtocolError
from forkproxy.net.resolver import ResolveError
from forkproxy.units import parse_size
from forkproxy.upstream.url import split_url

# Fields of an answer that must not come twice. Two lengths or codings are refused with the head.
cdef unsigned long long ONCE = (
    (1ULL << <int> CONTENT_TYPE) | (1ULL << <int> CONTENT_ENCODING) | (1ULL << <int> DATE)
    | (1ULL << <int> SERVER) | (1ULL << <int> LOCATION) | (1ULL << <int> REFRESH)
    | (1ULL << <int> LAST_MODIFIED) | (1ULL << <int> ETAG) | (1ULL << <int> EXPIRES)
    | (1ULL << <int> ACCEPT_RANGES) | (1ULL << <int> X_ACCEL_REDIRECT)
    | (1ULL << <int> X_ACCEL_EXPIRES) | (1ULL << <int> X_ACCEL_LIMIT_RATE)
    | (1ULL << <int> X_ACCEL_BUFFERING) | (1ULL << <int> X_ACCEL_CHARSET)
)

DEF WITH_HEAD = 16384   # octets of a streamed request body that are copied behind the head
DEF INLINE = 131072     # octets of a request body that are sent before the answer is looked for

DEF STALE = 1.0         # seconds after which an idle connection may well have been closed

# Where a request's head is written before it is sent. Nothing that waits may keep it.
cdef Writer scratch = Writer()

cdef dict FAILURES = {500: HTTP_500, 502: HTTP_502, 503: HTTP_503, 504: HTTP_504,
                      403: HTTP_403, 404: HTTP_404, 429: HTTP_429}
cdef frozenset FAILURES_SEEN = frozenset(FAILURES.values())     # those that an answer showed
# The words of proxy_next_upstream.
CONDITIONS = {
    "error": ERROR, "timeout": TIMEOUT, "invalid_header": INVALID_HEADER,
    "http_500": HTTP_500, "http_502": HTTP_502, "http_503": HTTP_503, "http_504": HTTP_504,
    "http_403": HTTP_403, "http_404": HTTP_404, "http_429": HTTP_429,
    "non_idempotent": NON_IDEMPOTENT,
}
# Variables whose values are decoded, as captures are.
cdef frozenset DECODED = frozenset(("uri", "document_uri"))
# Octets that no request target may have (RFC 9112 §3.2).
cdef object UNFIT = re.compile(rb"[\x00-\x20\x7f-\xff]")
cdef frozenset NOT_IDEMPOTENT = frozenset((b"POST", b"LOCK", b"PATCH"))


cdef class Forward(Origin):

    cdef int announce(self, Exchange exchange) except -1:
        exchange.proxy_host = self.host
        exchange.proxy_port = self.port
        if self.upstream is None:
            self._parts(exchange)
        return 0

    cdef Response ask(self, Exchange exchange):
        cdef Upstream upstream = self._aimed(exchange)
        if upstream is None:
            return fault(exchange, 502)
        if exchange.head.expect_continue and exchange.body is None and exchange.parent is None:
            exchange.client.continue_request()      # for a body without octets too, as nginx
        if exchange.body is not None and exchange.stored_body is None and (
                self.request_buffering or _all_here(exchange.body)
                or self.sized and exchange.body.length < 0):
            store_body(exchange, self.request_buffering)
        if (not self.ignore_client_abort and not exchange.for_cache and not exchange.background
                and exchange.client.stream.broken):
            raise Gone("client prematurely closed connection")
        if exchange.attempts is not None:
            exchange.attempts.append(None)      # those so far were of another location's upstream
        return self._attempts(exchange, upstream)

    cpdef object preview(self, Exchange exchange):
        """The upstream, and the head that a peer of it would be sent. Waits for the resolver."""
        cdef Writer to = Writer()
        cdef Upstream upstream = self._aimed(exchange)
        if exchange.proxy_target is None:
            return None
        write_head(self, exchange, to, -1, None)
        return {"upstream": upstream, "head": to.taken()}

    cdef Upstream _aimed(self, Exchange exchange):
        """The upstream; the exchange knows where it goes from here. None: no URL, or no host."""
        cdef Upstream upstream = self.upstream
        exchange.proxy_scheme = self.scheme
        exchange.proxy_host = self.host
        exchange.proxy_port = self.port
        exchange.proxy_target = None
        if upstream is None:
            upstream = self._chosen(exchange)
            if upstream is None:
                return None
        if exchange.proxy_target is None:
            exchange.proxy_target = self._target(exchange, None)
        return upstream

    cdef Response finish(self, Exchange exchange, Response response):
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

    cdef Upstream _chosen(self, Exchange exchange):
        """The upstream of a proxy_pass with variables; fills in what depends on it."""
        parts = self._parts(exchange)
        if parts is None:
            return None
        exchange.proxy_target = self._target(exchange, parts.uri or None)
        try:
            return self.upstream_for(parts.host, int(parts.port or 0), exchange)
        except ResolveError as error:
            exchange.report("error", str(error))
        except OSError as error:
            exchange.report("error", f"{error} to resolve {parts.host}")
        return None

    cdef object _parts(self, Exchange exchange):
        """What a URL with variables is made of; None where it is none."""
        cdef bytes url = self._evaluated(exchange)
        try:
            parts = split_url(url)
        except ValueError as error:
            exchange.report("error", f"{error} in \"{url.decode(errors='replace')}\"")
            return None
        exchange.proxy_scheme = parts.scheme
        exchange.proxy_host = parts.authority
        exchange.proxy_port = parts.port
        return parts

    cdef bytes _evaluated(self, Exchange exchange):
        """The URL of a proxy_pass with variables, what was decoded encoded again (D1)."""
        cdef list parts = []
        cdef bytes value
        for node in self.url.nodes:
            if isinstance(node, Variable):
                value = (<Variable> node).value(exchange) or b""
                if self.encodes and (node.name.isdigit() or node.name in DECODED):
                    value = escape_path(value)
            else:
                value = <bytes> node
            parts.append(value)
        return b"".join(parts)

    cdef bytes _target(self, Exchange exchange, bytes given):
        """The request target for the upstream: golden cases 1 to 10 of nginx's proxy_pass."""
        cdef bytes target
        if given is not None:
            # From variables: nothing is appended.
            if given.startswith(b"?"):
                given = b"/" + given
            if not self.encodes:
                return given.replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b"\0", b"%00")
            return UNFIT.sub(_percent, given)
        if self.uri is None or self.url is not None:
            if exchange.as_sent and exchange.head.path is not None:
                return _as_sent(exchange)
            target = escape_path(exchange.uri)
        elif exchange.uri_kept:
            target = escape_path(exchange.uri)
        else:
            target = self.uri + escape_path(exchange.uri[self.replaced:])
        if exchange.args:
            target += b"?" + exchange.args
        return target

    cdef Response _attempts(self, Exchange exchange, Upstream upstream):
        """Ask one peer after another until one answers or asking again is not allowed."""
        cdef list tried = None
        cdef Peer peer
        cdef Attempt attempt
        cdef Response response
        cdef int count = 0, failure, status = 502
        cdef bint sent, fresh = False
        if self.budget is not None:
            self.budget.earn()
        while True:
            peer = self._picked(exchange, upstream, tried)
            if peer is None:
                if tried is None or len(tried) < upstream.tries():
                    status = 502
                    exchange.note_attempt(Attempt(upstream.name.encode()), status)
                    exchange.report("error", "no live upstreams while connecting to upstream")
                return fault(exchange, status)
            attempt = Attempt(peer.address.text)
            if exchange.attempts is None:
                exchange.attempts = [attempt]
            else:
                exchange.attempts.append(attempt)
            count += 1
            try:
                response = self._attempt(exchange, upstream, peer, attempt, fresh)
            except PeerError as error:
                attempt.response_time = poller.now - attempt.started
                _measure_failure(upstream, peer, attempt)
                sent = error.sent
                if (attempt.idled >= 0.0 and not attempt.received and error.status == 502
                        and self.may_retry(exchange, ERROR, sent, 0)):
                    # The connection was closed while it was idle: that is no fault of the peer's
                    # (nginx: u->peer.cached). Where it is likely, the same peer may be asked again.
                    exchange.report("info", error.reason)
                    attempt.status = 502
                    count -= 1          # no try of proxy_next_upstream_tries
                    if peer.standing.lone or attempt.idled >= STALE:
                        fresh = True
                    elif tried is None:
                        tried = [peer]
                    else:
                        tried.append(peer)
                    continue
                peer.failed(poller.now)
                status = attempt.status = error.status
                failure = TIMEOUT if status == 504 else INVALID_HEADER if error.invalid else ERROR
                exchange.report("error", error.reason)
            except BaseException:
                attempt.response_time = poller.now - attempt.started
                _measure_failure(upstream, peer, attempt)
                raise
            else:
                failure = FAILURES.get(response.status, 0)
                peer.answered(response.status)
                if not (failure & self.next_upstream):
                    return self._taken(exchange, upstream, peer, response)
                if failure not in (HTTP_403, HTTP_404):
                    peer.failed(poller.now)
                sent = True
                if not (self.may_retry(exchange, failure, sent, count)
                        and upstream.another(tried, peer)
                        and self._affordable()):
                    return response
                response.body.close()
                status = response.status
            if tried is None:
                tried = []
            tried.append(peer)
            if failure in FAILURES_SEEN:
                continue        # that another is asked was decided above
            if not (self.may_retry(exchange, failure, sent, count) and self._affordable()):
                return fault(exchange, status)

    cdef bint _affordable(self) noexcept:
        return self.budget is None or self.budget.spend()

    cdef Response _taken(self, Exchange exchange, Upstream upstream, Peer peer, Response response):
        """This answer is the one that the client gets."""
        peer.worked(poller.now)
        if upstream.sticky is not None:
            upstream.sticky.learn(exchange, peer, False)
        return response

    cdef Peer _picked(self, Exchange exchange, Upstream upstream, list tried):
        """The peer to ask, with the exchange counted there, or None. May wait in the queue."""
        cdef Peer peer
        while True:
            peer = upstream.pick(exchange, tried)
            if peer is None and tried is None:
                if upstream.unresolved:
                    upstream.resolve_again()
                    peer = upstream.pick(exchange, tried)
                if peer is None and upstream.queue is not None and not upstream.queue.full():
                    peer = self._queued(exchange, upstream)
            if peer is None:
                return None
            if peer.begin(poller.now):
                break
        if upstream.policy.measures:
            upstream.policy.began(peer)
        if upstream.sticky is not None:
            upstream.sticky.mark(exchange, peer)
        return peer

    cdef Peer _queued(self, Exchange exchange, Upstream upstream):
        """Wait until a peer has room; None when that takes too long, or the client left. Waits."""
        cdef double until = poller.now + upstream.queue.timeout
        cdef Gate place = upstream.queue.join()
        cdef Peer peer = None
        try:
            while peer is None and poller.now < until and not exchange.client.stream.broken:
                place.passed = False
                place.wait()
                peer = upstream.pick(exchange, None)
        finally:
            upstream.queue.leave(place)
        return peer

    cdef bint may_retry(self, Exchange exchange, int failure, bint sent, int attempts):
        """Whether another peer may be asked. Nothing of an answer has reached the client here."""
        if not failure & self.next_upstream:
            return False
        if sent and exchange.method in NOT_IDEMPOTENT and not self.next_upstream & NON_IDEMPOTENT:
            return False
        if exchange.body is not None and sent:
            return False        # it was sent as it came, and is gone
        if self.tries and attempts >= self.tries:
            return False
        return not self.next_timeout or poller.now - exchange.started < self.next_timeout

    cdef Response _attempt(self, Exchange exchange, Upstream upstream, Peer peer, Attempt attempt,
                           bint fresh):
        """Ask one peer, `fresh`: on a new connection. Raises PeerError."""
        cdef tuple identity = None
        cdef Connection connection = None
        cdef Stream stream
        cdef Stream client = exchange.client.stream
        cdef bint watches = not (self.ignore_client_abort or exchange.for_cache
                                 or exchange.background)
        cdef Buffer buffer = None
        cdef ResponseHead head
        cdef Pump pump = None
        cdef long long before
        cdef Answer body = self._answer()
        if exchange.proxy_scheme == b"https":
            identity = self.secure.identity(exchange)
        # A connection is used again only where nobody cares for the address that it comes from.
        if not fresh and self.bind is None:
            connection = upstream.pool.borrow(peer, self, identity)
        if connection is not None:
            attempt.idled = poller.now - connection.used_at
        else:
            try:
                connection = self._dial(exchange, upstream, peer, identity)
            except BaseException:
                peer.end()
                raise
        stream = connection.stream
        attempt.connect_time = poller.now - attempt.started
        before = stream.sent
        if watches:
            client.waiting_upstream = stream
        try:
            connection.requests += 1
            stream.read_limit = self.read_timeout
            stream.write_limit = self.send_timeout
            pump = self._send(exchange, stream)
            buffer = lend_large()
            head = body.read_head(exchange, connection, buffer, self.buffer_size,
                                  self.limit_rate is not None)
            attempt.header_time = poller.now - attempt.started
            attempt.status = head.status
            if pump is not None and not pump.finished and pump.client is not None:
                # An early answer, while the client still sends: no other request can follow.
                exchange.keep_alive = False
            attempt.sent = stream.sent - before
        except BaseException as error:
            if watches:
                client.waiting_upstream = None
            attempt.sent = stream.sent - before
            connection.close()
            peer.end()
            if pump is not None:
                pump.stop()
                if pump.failure is not None:
                    # What went wrong on the client's side is the reason, whatever came of it here.
                    raise pump.failure from None
            give_back(buffer)
            if isinstance(error, Gone):
                raise Gone("client prematurely closed connection") from None
            raise
        # From here on the body has connection, buffer and pump, and lets go of them at its end.
        if upstream.policy.measures:
            upstream.policy.headed(peer, attempt.header_time)
        if self.bind is not None:
            head.keep_alive = False
        exchange.upstream_fields = head.fields     # an answer without content is over at once
        _hand_over(body, exchange, upstream, connection, head, buffer, attempt, pump,
                   FAILURES.get(head.status, 0) & self.next_upstream)
        try:
            return self._respond(exchange, head, body)
        except BaseException:
            body.close()
            raise

    cdef Answer _answer(self):
        """What will read the answer of one attempt."""
        return Answer.__new__(Answer)

    cdef Connection _dial(self, Exchange exchange, Upstream upstream, Peer peer, tuple identity):
        cdef Address local = None if self.bind is None else self._local(exchange)
        cdef Stream stream = dial(peer.address, self.connect_timeout, self.keep_probes, local,
                                  identity is not None)
        if identity is not None:
            self.secure.shake_hands(<TlsStream> stream, identity, exchange, peer.address.text,
                                    self.connect_timeout)
        return upstream.pool.made(stream, peer, self, identity)

    cdef Address _local(self, Exchange exchange):
        """The address that proxy_bind says; None where it says nothing that can be used."""
        cdef bytes given = self.bind.evaluate(exchange)
        if not given:
            return None
        parsed = split_port(given)
        if parsed is None:
            exchange.report("error", f"invalid local address {given!r}")
            return None
        return Address((<bytes> parsed[0]).decode(), parsed[1])

    cdef Pump _send(self, Exchange exchange, Stream stream):
        """Send head and body; a body that is long, or still coming, by a greenlet of its own."""
        cdef Body body = None
        cdef bytes inline = None
        cdef Pump pump
        cdef Py_ssize_t begun
        cdef iovec pieces[2]
        if self.body is not None:
            inline = self.body.evaluate(exchange)
        elif not self.pass_body:
            pass
        elif exchange.stored_body is not None:
            if (<Stored> exchange.stored_body).octets is not None:
                inline = (<Stored> exchange.stored_body).octets
            else:
                body = (<Stored> exchange.stored_body).open()
        elif exchange.body is not None:
            body = exchange.body
        if inline is not None and PyBytes_GET_SIZE(inline) > INLINE:
            body = OctetsBody(inline)
            inline = None
        begun = self._put_request(exchange, scratch, inline, body)
        try:
            pieces[0].iov_base = scratch.data
            pieces[0].iov_len = scratch.used
            pieces[1].iov_base = NULL
            pieces[1].iov_len = 0
            if inline is not None:
                pieces[1].iov_base = PyBytes_AS_STRING(inline) + begun
                pieces[1].iov_len = PyBytes_GET_SIZE(inline) - begun
            _send_pieces(stream, pieces, 1 if pieces[1].iov_len == 0 else 2)
        except TimeoutError:
            raise PeerError("upstream timed out while sending request to upstream",
                            sent=True, status=504) from None
        except OSError as error:
            reason = f"{error.errno}: {error.strerror}"
            raise PeerError(f"send() failed ({reason}) while sending request to upstream",
                            sent=True) from None
        if body is None:
            return None
        pump = self._pump()
        pump.sent = begun
        pump.begin(body, stream, exchange.client.stream if body is exchange.body else None)
        return pump

    cdef Py_ssize_t _put_request(self, Exchange exchange, Writer to, bytes inline,
                                 Body body) except -1:
        """The head as the peer wants it, and how many octets of the content went along with it."""
        write_head(self, exchange, to, -1 if inline is None else PyBytes_GET_SIZE(inline), body)
        if body is not None and body is exchange.body:
            return _put_begun(to, body)
        return 0

    cdef Pump _pump(self):
        """What carries a body that is sent by itself."""
        return Pump.__new__(Pump)

    cdef Response _respond(self, Exchange exchange, ResponseHead head, Answer body):
        """The upstream's answer, as it came."""
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

    cdef int dress(self, Exchange exchange, Response response) except -1:
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
            response.date = fields.known_value(DATE)
        if self.pass_server:
            response.server = fields.known_value(SERVER)
        response.pass_trailers = self.pass_trailers
        if self.force_ranges:
            response.single_range = not response.cached
            response.allow_ranges = True
        return 0


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


cdef void _measure_failure(Upstream upstream, Peer peer, Attempt attempt) noexcept:
    """For policies that count who waits for an answer: this one waits no longer."""
    if upstream.policy.measures:
        if attempt.header_time < 0.0:
            upstream.policy.headed(peer, attempt.response_time)
            upstream.policy.ended(peer, attempt.response_time)


cdef int _hand_over(Answer body, Exchange exchange, Upstream upstream, Connection connection,
                    ResponseHead head, Buffer buffer, Attempt attempt, Pump pump,
                    bint useless) except -1:
    """From here on the body has the connection, and lets go of it at its end."""
    cdef Release release = Release.__new__(Release)
    body.connection = connection
    body.buffer = buffer
    body.attempt = attempt
    body.pump = pump
    attempt.received = buffer.end
    body.framed(head)
    release.peer = connection.peer
    release.useless = useless
    release.upstream = upstream
    release.attempt = attempt
    release.pump = pump
    release.exchange = exchange
    release.watched = exchange.client.stream.waiting_upstream is connection.stream
    body.released = release
    if body.left == 0 and body.decoder is None:
        body._over()
    exchange.defer((<object> body).close)
    return 0


cdef class Release:
    """What is to be done when a connection to a peer is no longer used by an exchange."""

    cdef Peer peer
    cdef Upstream upstream
    cdef Attempt attempt
    cdef Pump pump
    cdef Exchange exchange
    cdef bint watched               # the client's stream ends the upstream's
    cdef bint useless               # its status counts as a failure: nothing is learnt from it
    cdef bint tunnel                # the peer is busy for longer than with an answer

    def end_tunnel(self):
        self._count()
        self.peer.end()

    def __call__(self):
        if not self.tunnel:
            self._count()
            self.peer.end()
        if self.watched and not self.exchange.background:
            self.exchange.client.stream.waiting_upstream = None
        if self.pump is not None and not self.pump.finished:
            # The answer is complete before the whole request was taken.
            self.pump.stop()

    cdef int _count(self) except -1:
        """What the peer has done for this exchange; called once."""
        cdef Attempt attempt = self.attempt
        cdef double time = attempt.response_time
        if time < 0.0:
            time = poller.now - attempt.started
        if self.upstream.policy.measures:
            self.upstream.policy.ended(self.peer, time)
        if self.useless:
            return 0
        self.peer.took(attempt.header_time, time, attempt.sent, attempt.received)
        if self.upstream.sticky is not None:
            self.upstream.sticky.learn(self.exchange, self.peer, True)
        return 0


def _percent(octet):
    return b"%%%02X" % ord(octet[0])


cdef Py_ssize_t _put_begun(Writer to, Body body) except -1:
    """What came of a request's body with its head goes with its head; return how many octets."""
    cdef const char* octets = NULL
    cdef Py_ssize_t count = body.at_hand(&octets)
    if count == 0 or count > WITH_HEAD:
        return 0
    if body.length < 0:
        to.put_hex(count)
        to.put(b"\r\n", 2)
    to.put(octets, count)
    if body.length < 0:
        to.put(b"\r\n", 2)
    body.took(count)
    return count


cdef bint _all_here(Body body) except -1:
    """Whether a request's body came with its head: to store it is to wait for nothing."""
    cdef const char* octets = NULL
    cdef Py_ssize_t count = body.at_hand(&octets)
    return count > 0 and isinstance(body, Incoming) and (<Incoming> body).ends_with(count)


cdef double _octets(bytes given) except -1.0:
    """What proxy_limit_rate comes to; what is no size limits nothing."""
    try:
        return parse_size(given.decode("latin-1")) if given else 0.0
    except ValueError:
        return 0.0


cdef bytes _as_sent(Exchange exchange):
    """The target of the request line; an absolute one without scheme and authority."""
    if exchange.head.scheme is None:
        return exchange.head.target
    cdef bytes path = exchange.head.path or b"/"
    if exchange.head.query is not None:
        return path + b"?" + exchange.head.query
    return path


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
        path = normalise_path(path, True)
    except ProtocolError:
        exchange.report("error", f"upstream sent unsafe X-Accel-Redirect {where!r}")
        return fault(exchange, 404)
    return exchange.redirect(path, args if mark else None)


cdef int _send_pieces(Stream stream, iovec* pieces, int count) except -1:
    """Send what the first system call takes; copy the rest, since `scratch` is not ours to keep."""
    cdef Py_ssize_t went = stream.try_sendv(pieces, count)
    cdef list rest = []
    cdef int index
    cdef bytes octets
    for index in range(count):
        if went >= <Py_ssize_t> pieces[index].iov_len:
            went -= pieces[index].iov_len
            continue
        rest.append((<char*> pieces[index].iov_base)[went:pieces[index].iov_len])
        went = 0
    for octets in rest:
        stream.send_all(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))
    return 0
