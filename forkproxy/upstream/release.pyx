"""How an attempt ends: the peer and those who count are told, once."""

from forkproxy.core.exchange cimport Attempt, Exchange
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.poller cimport poller
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.pump cimport Pump
from forkproxy.upstream.upstream cimport Upstream
from forkproxy.wire.head cimport ResponseHead


cdef class Release:
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
        self.peer.took(attempt.connect_time, attempt.header_time, time, attempt.sent,
                       attempt.received)
        if self.upstream.sticky is not None:
            self.upstream.sticky.learn(self.exchange, self.peer, True)
        return 0


cdef int hand_over(Answer body, Exchange exchange, Upstream upstream, Connection connection,
                   ResponseHead head, Buffer buffer, Attempt attempt, Pump pump,
                   bint useless) except -1:
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


cdef void measure_failure(Upstream upstream, Peer peer, Attempt attempt) noexcept:
    if upstream.policy.measures:
        if attempt.header_time < 0.0:
            upstream.policy.headed(peer, attempt.response_time)
            upstream.policy.ended(peer, attempt.response_time)
