"""least_conn: the peer with the fewest exchanges in flight on the machine, for its weight."""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.shared.scoreboard cimport STANDING_IN_FLIGHT
from forkproxy.upstream.balance.policy cimport Policy, turn_of
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer, milliseconds
from forkproxy.upstream.standing cimport Standing, ready, share_of, weight_of


cdef class LeastConn(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        """The least busy one; of those that are as busy, round robin takes one."""
        cdef Standing* one
        cdef int64_t conns, best_conns = 0, weight, best_weight = 1, difference
        cdef int64_t now = milliseconds(poller.now)
        cdef Py_ssize_t index, equal = 0
        for index in range(group.count):
            one = group.standings[index]
            if not ready(one, now, False):
                continue
            if tried is not None and was_tried(tried, <Peer> group.peers[index]):
                continue
            conns = <int64_t> one.cells[<int> STANDING_IN_FLIGHT]
            weight = share_of(one, now) if one.slow_start else <int64_t> weight_of(one) * 1000
            difference = conns * best_weight - best_conns * weight
            if equal and difference > 0:
                continue
            if not equal or difference < 0:
                best_conns, best_weight, equal = conns, weight, 0
            group.equals[equal] = index
            equal += 1
        return turn_of(group, equal, now)
