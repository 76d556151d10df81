"""random: any peer, by weight; with `two` the better of two, so that no herd follows one number."""

from libc.stdint cimport int64_t, uint64_t

import os

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.least_time cimport HEADER_TIME, RESPONSE_TIME, Metric, estimate
from forkproxy.upstream.balance.policy cimport Policy, smooth
from forkproxy.upstream.group cimport Group, by_weight, was_tried
from forkproxy.upstream.peer cimport Peer, milliseconds

DEF TRIES = 20          # draws until round robin decides

cdef uint64_t drawn = 0         # 0: nothing was drawn in this process


def _forget():
    """Let a child draw numbers of its own, not those of all its siblings."""
    global drawn
    drawn = 0


os.register_at_fork(after_in_child=_forget)


cdef uint64_t _draw():
    """The next number of xorshift64*."""
    global drawn
    if drawn == 0:
        drawn = int.from_bytes(os.urandom(8), "little") | 1
    drawn ^= drawn >> 12
    drawn ^= drawn << 25
    drawn ^= drawn >> 27
    return (drawn * <uint64_t> 0x2545F4914F6CDD1D) >> 16


cdef class Random(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        cdef Peer peer
        cdef double now = poller.now
        cdef int _turn
        if group.count < 2:
            return smooth(group, tried)
        for _turn in range(TRIES + 1):
            peer = by_weight(group, _draw())
            if peer.available(now) and not was_tried(tried, peer):
                return peer
        return smooth(group, tried)


cdef class RandomTwo(Policy):
    """The better of two: by exchanges in flight, or by how long they will take."""

    cdef Metric metric
    cdef bint by_time

    def __init__(self, str metric=""):
        """`metric` is "header" or "last_byte", or "" for exchanges in flight."""
        self.by_time = metric != ""
        self.metric = HEADER_TIME if metric == "header" else RESPONSE_TIME

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        cdef Peer peer, first = None
        cdef double now = poller.now
        cdef int _turn
        if group.count < 2:
            return smooth(group, tried)
        for _turn in range(TRIES + 1):
            peer = by_weight(group, _draw())
            if peer is first or not peer.available(now) or was_tried(tried, peer):
                continue
            if first is None:
                first = peer
                continue
            if self._load(peer, now) * first.weight() > self._load(first, now) * peer.weight():
                return first
            return peer
        return smooth(group, tried)

    cdef int64_t _load(self, Peer peer, double now) noexcept:
        if self.by_time:
            return estimate(&peer.standing, self.metric, milliseconds(now))
        return peer.in_flight()
