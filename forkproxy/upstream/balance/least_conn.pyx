"""least_conn: the peer with the fewest exchanges in flight on the machine, for its weight."""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.shared.scoreboard cimport PEER_IN_FLIGHT
from forkproxy.upstream.balance.policy cimport Policy
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer, milliseconds
from forkproxy.upstream.standing cimport Standing, ready, share_of, take_turn, weight_of


cdef class LeastConn(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        """The least busy one; of those that are as busy, round robin takes one."""
        cdef Standing* one
        cdef int64_t conns, best_conns = 0, weight, best_weight = 1, total = 0, most
        cdef int64_t now = milliseconds(poller.now)
        cdef bint many = False
        cdef Py_ssize_t index, best = -1
        for index in range(group.count):
            one = group.standings[index]
            if not ready(one, now, False):
                continue
            if tried is not None and was_tried(tried, <Peer> group.peers[index]):
                continue
            conns = <int64_t> one.shared[<int> PEER_IN_FLIGHT]
            weight = _weight(one, now)
            if best < 0 or conns * best_weight < best_conns * weight:
                best, best_conns, best_weight = index, conns, weight
                many = False
            elif conns * best_weight == best_conns * weight:
                many = True
        if best < 0:
            return None
        if not many:
            return <Peer> group.peers[best]
        most = group.standings[best].current_weight
        for index in range(best, group.count):
            one = group.standings[index]
            conns = <int64_t> one.shared[<int> PEER_IN_FLIGHT]
            if conns * best_weight != best_conns * _weight(one, now) or not ready(one, now, False):
                continue
            if tried is not None and was_tried(tried, <Peer> group.peers[index]):
                continue
            total += take_turn(one, now)
            if index == best or one.current_weight > most:
                best, most = index, one.current_weight
        group.standings[best].current_weight -= total
        return <Peer> group.peers[best]


cdef inline int64_t _weight(Standing* one, int64_t now) noexcept nogil:
    """Its weight; less while it starts slowly, so that it does not get all of a rush."""
    return share_of(one, now) if one.slow_start else <int64_t> weight_of(one) * 1000
