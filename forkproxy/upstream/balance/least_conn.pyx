"""least_conn: the peer with the fewest exchanges in flight on the machine, for its weight."""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.policy cimport Policy
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer


cdef class LeastConn(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        """The least busy one; of those that are as busy, round robin takes one."""
        cdef Peer peer, best = None
        cdef int64_t conns, best_conns = 0, weight, best_weight = 1, share, total = 0
        cdef double now = poller.now
        cdef bint many = False
        cdef Py_ssize_t index, found = 0
        for index in range(group.count):
            peer = <Peer> group.peers[index]
            if not peer.available(now) or was_tried(tried, peer):
                continue
            conns = peer.in_flight()
            weight = _weight(peer, now)
            if best is None or conns * best_weight < best_conns * weight:
                best, best_conns, best_weight, found = peer, conns, weight, index
                many = False
            elif conns * best_weight == best_conns * weight:
                many = True
        if not many:
            return best
        for index in range(found, group.count):
            peer = <Peer> group.peers[index]
            if peer.in_flight() * best_weight != best_conns * _weight(peer, now):
                continue
            if not peer.available(now) or was_tried(tried, peer):
                continue
            share = peer.share(now)
            peer.current_weight += share
            total += share
            if peer.effective_weight < peer.configured_weight:
                peer.effective_weight += 1
            if peer.current_weight > best.current_weight:
                best = peer
        best.current_weight -= total
        return best


cdef inline int64_t _weight(Peer peer, double now) noexcept:
    """Its weight; less while it starts slowly, so that it does not get all of a rush."""
    return peer.share(now) if peer.slow_start else peer.weight() * 1000
