"""least_time: the peer that will be done first, by its average time and what it has in hand.

The averages and the exchanges in flight are those of all processes. With `inflight` the time that
requests without an answer have waited counts too; that is known per process.
"""

from libc.stdint cimport int64_t, uint64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.shared.scoreboard cimport (
    STANDING_CHECKED_AT, STANDING_HEADER_TIME, STANDING_IN_FLIGHT, STANDING_RESPONSE_TIME,
)
from forkproxy.upstream.balance.policy cimport Policy, turn_of
from forkproxy.upstream.group cimport Group, was_tried
from forkproxy.upstream.peer cimport Peer, averaged, milliseconds
from forkproxy.upstream.standing cimport Standing, ready, weight_of

DEF WORST = 5000        # ms: slower peers are all the same, and the least busy of them is taken
DEF CLASS = 20          # ms: peers whose times are in one class take turns


cdef int64_t estimate(Standing* one, Metric metric, int64_t now) noexcept:
    cdef uint64_t* cells = one.cells
    cdef int64_t time, idle
    if metric == HEADER_TIME:
        time = <int64_t> cells[<int> STANDING_HEADER_TIME]
    else:
        time = <int64_t> cells[<int> STANDING_RESPONSE_TIME]
    if time:
        idle = now - <int64_t> cells[<int> STANDING_CHECKED_AT]
        if idle > one.fail_timeout:
            # Half the time for each fail_timeout that nobody has asked it: it may be better now.
            time >>= min(62, idle // (one.fail_timeout + 1000))
    if one.pending > 0:
        time = max(time, one.pending_time)
    if time > WORST:
        time = WORST
    else:
        time += CLASS - time % CLASS
    return time * (1 + <int64_t> cells[<int> STANDING_IN_FLIGHT])


cdef class LeastTime(Policy):

    cdef Metric metric

    def __init__(self, str metric not None, bint inflight=False):
        """`metric` is "header" or "last_byte"."""
        self.metric = HEADER_TIME if metric == "header" else RESPONSE_TIME
        self.measures = inflight

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        """The one that is done first; of those that are equal, round robin takes one."""
        cdef int64_t time, best_time = 0, weight, best_weight = 1, difference
        cdef int64_t now = milliseconds(poller.now)
        cdef Standing* one
        cdef Py_ssize_t index, equal = 0
        for index in range(group.count):
            one = group.standings[index]
            if not ready(one, now, False):
                continue
            if tried is not None and was_tried(tried, <Peer> group.peers[index]):
                continue
            if one.pending > 0:
                one.pending_time = averaged(
                    one.pending_time, one.pending_sum // one.pending + now - one.pending_at)
            time = estimate(one, self.metric, now)
            weight = weight_of(one)
            difference = time * best_weight - best_time * weight
            if equal and difference > 0:
                continue
            if not equal or difference < 0:
                best_time, best_weight, equal = time, weight, 0
            group.equals[equal] = index
            equal += 1
        return turn_of(group, equal, now)

    cdef void began(self, Peer peer) noexcept:
        cdef Standing* one = &peer.standing
        cdef int64_t now = milliseconds(poller.now)
        one.pending_sum += (now - one.pending_at) * one.pending
        one.pending_at = now
        one.pending += 1

    cdef void headed(self, Peer peer, double header_time) noexcept:
        if self.metric == HEADER_TIME:
            self._known(peer, header_time)

    cdef void ended(self, Peer peer, double response_time) noexcept:
        if self.metric == RESPONSE_TIME:
            self._known(peer, response_time)

    cdef void _known(self, Peer peer, double time) noexcept:
        """One request's time is known: it waits no longer."""
        cdef Standing* one = &peer.standing
        cdef int64_t now = milliseconds(poller.now)
        if one.pending <= 1:
            one.pending = one.pending_sum = 0
            return
        one.pending_sum += (now - one.pending_at) * one.pending - milliseconds(time)
        one.pending_at = now
        one.pending -= 1
