"""round robin: each peer in turn, by weight. What an upstream does where it says nothing else."""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.policy cimport Policy, smooth
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer


cdef class RoundRobin(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        return smooth(group, tried)

    cdef Peer prefer(self, Group group, list tried, Peer preferred):
        """Count the session's request as a turn, but no more than one ahead, as nginx does."""
        cdef Peer peer
        cdef int64_t total = 0, share
        cdef double now = poller.now
        cdef Py_ssize_t index
        if preferred.current_weight <= -1000 * (group.total_weight - preferred.weight()):
            return preferred
        for index in range(group.count):
            peer = <Peer> group.peers[index]
            if not peer.available(now) or was_tried(tried, peer):
                continue
            share = peer.share(now)
            peer.current_weight += share
            total += share
            if peer.effective_weight < peer.configured_weight:
                peer.effective_weight += 1
        preferred.current_weight -= total
        return preferred
