from forkproxy.core.exchange cimport Attempt, Exchange
from forkproxy.net.buffer cimport Buffer
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.pump cimport Pump
from forkproxy.upstream.upstream cimport Upstream
from forkproxy.wire.head cimport ResponseHead


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

    cdef int _count(self) except -1

# From here on the body has the connection, and lets go of it at its end.
cdef int hand_over(Answer body, Exchange exchange, Upstream upstream, Connection connection,
                   ResponseHead head, Buffer buffer, Attempt attempt, Pump pump,
                   bint useless) except -1
# For policies that count who waits for an answer: this attempt waits no longer.
cdef void measure_failure(Upstream upstream, Peer peer, Attempt attempt) noexcept
