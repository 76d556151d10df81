"""least_time: the peer that will be done first, by its average time and what it has in hand.

The averages and the exchanges in flight are those of all processes. With `inflight` the time that
requests without an answer have waited counts too; that is known per process.
"""

from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.shared.scoreboard cimport (
    PEER_CHECKED_AT, PEER_HEADER_TIME, PEER_IN_FLIGHT, PEER_RESPONSE_TIME,
)
from forkproxy.upstream.balance.policy cimport Policy
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer, averaged, milliseconds
from forkproxy.upstream.standing cimport Standing, ready, take_turn, weight_of

DEF WORST = 5000        # ms: slower peers are all the same, and the least busy of them is taken
DEF CLASS = 20          # ms: peers whose times are in one class take turns


cdef int64_t estimate(Peer peer, Metric metric, int64_t now) noexcept:
    cdef Standing* one = &peer.standing
    cdef int64_t time, idle
    if metric == HEADER_TIME:
        time = <int64_t> one.shared[<int> PEER_HEADER_TIME]
    else:
        time = <int64_t> one.shared[<int> PEER_RESPONSE_TIME]
    idle = now - <int64_t> one.shared[<int> PEER_CHECKED_AT]
    if time and idle > one.fail_timeout:
        # Half the time for each fail_timeout that nobody has asked it: it may be better now.
        time >>= min(62, idle // (one.fail_timeout + 1000))
    if peer.pending > 0:
        time = max(time, peer.pending_time)
    if time > WORST:
        time = WORST
    else:
        time += CLASS - time % CLASS
    return time * (1 + <int64_t> one.shared[<int> PEER_IN_FLIGHT])


cdef class LeastTime(Policy):

    cdef Metric metric

    def __init__(self, str metric not None, bint inflight=False):
        """`metric` is "header" or "last_byte"."""
        self.metric = HEADER_TIME if metric == "header" else RESPONSE_TIME
        self.measures = inflight

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        """The one that is done first; of those that are equal, round robin takes one."""
        cdef Peer peer, chosen
        cdef int64_t time, best_time = 0, total = 0, most, now = milliseconds(poller.now)
        cdef int64_t weight, best_weight = 1
        cdef bint many = False
        cdef Standing* one
        cdef Py_ssize_t index, best = -1
        for index in range(group.count):
            one = group.standings[index]
            if not ready(one, now, False):
                continue
            peer = <Peer> group.peers[index]
            if tried is not None and was_tried(tried, peer):
                continue
            if peer.pending > 0:
                peer.pending_time = averaged(
                    peer.pending_time, peer.pending_sum // peer.pending + now - peer.pending_at)
            time = estimate(peer, self.metric, now)
            weight = weight_of(one)
            if best < 0 or time * best_weight < best_time * weight:
                best, best_time, best_weight = index, time, weight
                many = False
            elif time * best_weight == best_time * weight:
                many = True
        if best < 0:
            return None
        if not many:
            return <Peer> group.peers[best]
        most = group.standings[best].current_weight
        for index in range(best, group.count):
            one = group.standings[index]
            if not ready(one, now, False):
                continue
            peer = <Peer> group.peers[index]
            if estimate(peer, self.metric, now) * best_weight != best_time * weight_of(one):
                continue
            if tried is not None and was_tried(tried, peer):
                continue
            total += take_turn(one, now)
            if index == best or one.current_weight > most:
                best, most = index, one.current_weight
        chosen = <Peer> group.peers[best]
        chosen.standing.current_weight -= total
        return chosen

    cdef void began(self, Peer peer) noexcept:
        cdef int64_t now = milliseconds(poller.now)
        peer.pending_sum += (now - peer.pending_at) * peer.pending
        peer.pending_at = now
        peer.pending += 1

    cdef void headed(self, Peer peer, double header_time) noexcept:
        if self.metric == HEADER_TIME:
            self._known(peer, header_time)

    cdef void ended(self, Peer peer, double response_time) noexcept:
        if self.metric == RESPONSE_TIME:
            self._known(peer, response_time)

    cdef void _known(self, Peer peer, double time) noexcept:
        """One request's time is known: it waits no longer."""
        cdef int64_t now = milliseconds(poller.now)
        if peer.pending <= 1:
            peer.pending = peer.pending_sum = 0
            return
        peer.pending_sum += (now - peer.pending_at) * peer.pending - milliseconds(time)
        peer.pending_at = now
        peer.pending -= 1
