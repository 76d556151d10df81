"""The `proxy` handler: pick a peer, borrow or dial a connection, send, answer or try another."""

from forkproxy.core.exchange cimport Attempt, Body, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Origin
from forkproxy.core.subrequest cimport store_body
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.dial cimport Address, dial
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream
from forkproxy.net.tls cimport TlsStream
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.passing cimport dress_as_said, finished, pass_on
from forkproxy.upstream.introduction cimport introduce, met_as
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.pump cimport Pump
from forkproxy.upstream.release cimport hand_over, measure_failure
from forkproxy.upstream.request_head cimport write_head
from forkproxy.upstream.retry cimport (
    ERROR, HTTP_403, HTTP_404, INVALID_HEADER, TIMEOUT, failure_of, may_retry,
)
from forkproxy.upstream.sending cimport all_here, put_begun, send_request
from forkproxy.upstream.target cimport target_of, url_of
from forkproxy.upstream.upstream cimport Upstream
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.writer cimport Writer

from forkproxy.core.networks import split_port
from forkproxy.errors import Gone, PeerError
from forkproxy.net.resolver import ResolveError
from forkproxy.upstream.url import split_url

cdef frozenset SECURE = frozenset((b"https", b"suwsgi"))

DEF STALE = 1.0         # seconds after which an idle connection may well have been closed


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
                self.request_buffering or all_here(exchange.body)
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
            exchange.proxy_target = target_of(self, exchange, None)
        return upstream

    cdef Response finish(self, Exchange exchange, Response response):
        return finished(self, exchange, response)

    cdef int dress(self, Exchange exchange, Response response) except -1:
        return dress_as_said(self, exchange, response)

    cdef Upstream _chosen(self, Exchange exchange):
        """The upstream of a proxy_pass with variables; fills in what depends on it."""
        parts = self._parts(exchange)
        if parts is None:
            return None
        exchange.proxy_target = target_of(self, exchange, parts.uri or None)
        try:
            return self.upstream_for(parts.host, int(parts.port or 0), exchange)
        except ResolveError as error:
            exchange.report("error", str(error))
        except OSError as error:
            exchange.report("error", f"{error} to resolve {parts.host}")
        return None

    cdef object _parts(self, Exchange exchange):
        """What a URL with variables is made of; None where it is none."""
        cdef bytes url = url_of(self, exchange)
        try:
            parts = split_url(url)
        except ValueError as error:
            exchange.report("error", f"{error} in \"{url.decode(errors='replace')}\"")
            return None
        exchange.proxy_scheme = parts.scheme
        exchange.proxy_host = parts.authority
        exchange.proxy_port = parts.port
        return parts

    cdef Response _attempts(self, Exchange exchange, Upstream upstream):
        """Ask one peer after another until one answers or asking again is not allowed."""
        cdef list tried = None
        cdef Peer peer
        cdef Attempt attempt
        cdef Response response
        cdef int count = 0, failure, status = 502
        cdef bint sent, decided, fresh = False
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
            decided = False
            try:
                response = self._attempt(exchange, upstream, peer, attempt, fresh)
            except PeerError as error:
                attempt.response_time = poller.now - attempt.started
                measure_failure(upstream, peer, attempt)
                sent = error.sent
                if (attempt.idled >= 0.0 and not attempt.received and error.status == 502
                        and may_retry(self, exchange, ERROR, sent, 0)):
                    # The connection was closed while it was idle: that is no fault of the peer's
                    # (nginx: u->peer.cached). Where it is likely, the same peer may be asked again.
                    exchange.report("info", error.reason)
                    attempt.status = 502
                    count -= 1          # no try of proxy_next_upstream_tries
                    peer.passed_over(peer.standing.lone or attempt.idled >= STALE)
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
                measure_failure(upstream, peer, attempt)
                raise
            else:
                failure = failure_of(response.status)
                peer.answered(response.status)
                if not (failure & self.next_upstream):
                    return self._taken(exchange, upstream, peer, response)
                if failure not in (HTTP_403, HTTP_404):
                    peer.failed(poller.now)
                sent = True
                if not (may_retry(self, exchange, failure, sent, count)
                        and upstream.another(tried, peer)
                        and self._affordable()):
                    return response
                response.body.close()
                status = response.status
                decided = True
            if tried is None:
                tried = []
            tried.append(peer)
            if not (decided or may_retry(self, exchange, failure, sent, count)
                    and self._affordable()):
                return fault(exchange, status)
            peer.passed_over(False)

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
        cdef double since = poller.now, until = since + upstream.queue.timeout
        cdef Gate place = upstream.queue.join()
        cdef Peer peer = None
        try:
            while peer is None and poller.now < until and not exchange.client.stream.broken:
                place.passed = False
                place.wait()
                peer = upstream.pick(exchange, None)
        finally:
            upstream.queue.leave(place)
            upstream.queue.waited(poller.now - since)
        return peer

    cdef Response _attempt(self, Exchange exchange, Upstream upstream, Peer peer, Attempt attempt,
                           bint fresh):
        """Ask one peer, `fresh`: on a new connection. Raises PeerError."""
        cdef tuple identity = None
        cdef bytes header = None
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
        body.hints = self.hints
        if self.secure is not None and exchange.proxy_scheme in SECURE:
            identity = self.secure.identity(exchange)
        if self.introduction is not None:
            header = self.introduction.header(exchange)
        # A connection is used again only where nobody cares for the address that it comes from.
        if not fresh and self.bind is None:
            connection = upstream.pool.borrow(peer, self, met_as(identity, header))
        if connection is not None:
            attempt.idled = poller.now - connection.used_at
        else:
            try:
                connection = self._dial(exchange, upstream, peer, identity, header)
            except BaseException:
                peer.unreachable()
                peer.end()
                raise
            peer.connected()
        stream = connection.stream
        attempt.connect_time = poller.now - attempt.started
        before = stream.sent
        if watches:
            client.waiting_upstream = stream
        try:
            connection.requests += 1
            stream.read_limit = self.read_timeout
            stream.write_limit = self.send_timeout
            pump = send_request(self, exchange, stream)
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
        hand_over(body, exchange, upstream, connection, head, buffer, attempt, pump,
                  failure_of(head.status) & self.next_upstream)
        try:
            return pass_on(self, exchange, head, body)
        except BaseException:
            body.close()
            raise

    cdef Answer _answer(self):
        """What will read the answer of one attempt."""
        return Answer.__new__(Answer)

    cdef Connection _dial(self, Exchange exchange, Upstream upstream, Peer peer, tuple identity,
                          bytes header):
        cdef Address local = None if self.bind is None else self._local(exchange)
        cdef Connection made
        cdef Stream stream = dial(peer.address, self.connect_timeout, self.keep_probes, local,
                                  identity is not None)
        if header is not None:
            introduce(stream, header)
        if identity is not None:
            self.secure.shake_hands(<TlsStream> stream, identity, exchange, peer.address.text,
                                    self.connect_timeout)
        made = upstream.pool.made(stream, peer, self, met_as(identity, header))
        made.personal = identity is not None and self.secure.certificates is not None
        return made

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

    cdef Py_ssize_t _put_request(self, Exchange exchange, Writer to, bytes inline,
                                 Body body) except -1:
        """The head as the peer wants it, and how many octets of the content went along with it."""
        write_head(self, exchange, to, -1 if inline is None else len(inline), body)
        if body is not None and body is exchange.body:
            return put_begun(to, body)
        return 0

    cdef Pump _pump(self):
        """What carries a body that is sent by itself."""
        return Pump.__new__(Pump)
