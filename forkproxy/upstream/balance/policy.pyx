"""What every policy can do, and round robin, which most of them fall back to.

Each pick adds to every available peer its weight, takes the one that has most, and takes the sum of
all weights off it: weights 5, 1, 1 give a a b a c a a. The state of it is per process.
"""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer, milliseconds
from forkproxy.upstream.standing cimport Standing, ready, take_turn


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
    cdef Standing* one
    cdef int64_t total = 0, most = 0, now = milliseconds(poller.now)
    cdef Py_ssize_t index, best = -1
    for index in range(group.count):
        one = group.standings[index]
        if not ready(one, now, False):
            continue
        if tried is not None and was_tried(tried, <Peer> group.peers[index]):
            continue
        total += take_turn(one, now)
        if best < 0 or one.current_weight > most:
            best, most = index, one.current_weight
    if best < 0:
        return None
    group.standings[best].current_weight -= total
    return <Peer> group.peers[best]


cdef Peer turn_of(Group group, Py_ssize_t count, int64_t now):
    cdef Standing* one
    cdef Standing* best = NULL
    cdef int64_t total = 0
    cdef Py_ssize_t index, chosen = -1
    if count < 2:
        return <Peer> group.peers[group.equals[0]] if count else None
    for index in range(count):
        one = group.standings[group.equals[index]]
        total += take_turn(one, now)
        if best == NULL or one.current_weight > best.current_weight:
            best, chosen = one, group.equals[index]
    best.current_weight -= total
    return <Peer> group.peers[chosen]
