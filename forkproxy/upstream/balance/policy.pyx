"""What every policy can do, and round robin, which most of them fall back to.

Each pick adds to every available peer its weight, takes the one that has most, and takes the sum of
all weights off it: weights 5, 1, 1 give a a b a c a a. The state of it is per process.
"""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer


cdef class Policy:

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        return smooth(group, tried)

    cdef Peer prefer(self, Group group, list tried, Peer preferred):
        return preferred

    cdef int regroup(self, Group group) except -1:
        return 0

    cdef void began(self, Peer peer) noexcept:
        pass

    cdef void headed(self, Peer peer, double header_time) noexcept:
        pass

    cdef void ended(self, Peer peer, double response_time) noexcept:
        pass

    def __repr__(self):
        return f"<{type(self).__name__}>"


cdef Peer smooth(Group group, list tried):
    cdef Peer peer, best = None
    cdef int64_t total = 0, share
    cdef double now = poller.now
    cdef Py_ssize_t index
    for index in range(group.count):
        peer = <Peer> group.peers[index]
        if not peer.available(now) or was_tried(tried, peer):
            continue
        share = peer.share(now)
        peer.current_weight += share
        total += share
        if peer.effective_weight < peer.configured_weight:
            peer.effective_weight += 1
        if best is None or peer.current_weight > best.current_weight:
            best = peer
    if best is not None:
        best.current_weight -= total
    return best
