"""round robin: each peer in turn, by weight. What an upstream does where it says nothing else."""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.policy cimport Policy, smooth
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer, milliseconds
from forkproxy.upstream.standing cimport Standing, ready, take_turn


cdef class RoundRobin(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        return smooth(group, tried)

    cdef Peer prefer(self, Group group, list tried, Peer preferred):
        """Count the session's request as a turn, but no more than one ahead, as nginx does."""
        cdef Standing* one
        cdef int64_t total = 0, now = milliseconds(poller.now)
        cdef Py_ssize_t index
        cdef int64_t others = group.total_weight - preferred.weight()
        if preferred.standing.current_weight <= -1000 * others:
            return preferred
        for index in range(group.count):
            one = group.standings[index]
            if ready(one, now, False) and not was_tried(tried, <Peer> group.peers[index]):
                total += take_turn(one, now)
        preferred.standing.current_weight -= total
        return preferred
