"""hash: by a key, with the same choice as nginx and Cache::Memcached for the same key."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.crc32 cimport CRC_BEGIN, crc_add, crc_end
from forkproxy.upstream.balance.policy cimport Policy, smooth
from forkproxy.upstream.group cimport Group, by_weight, was_tried
from forkproxy.upstream.peer cimport Peer

DEF TRIES = 20          # draws until round robin decides


cdef class Hash(Policy):
    """((crc32([REHASH] KEY) >> 16) & 0x7fff) + the one before; without REHASH the first time."""

    cdef Expression key

    def __init__(self, Expression key not None):
        self.key = key

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        cdef bytes key = self.key.evaluate(exchange), number
        cdef uint32_t crc, total = 0
        cdef int draw
        cdef Peer peer
        cdef double now = poller.now
        if group.count < 2 or not key:
            return smooth(group, tried)
        for draw in range(TRIES + 1):
            crc = <uint32_t> CRC_BEGIN
            if draw:
                number = b"%d" % draw
                crc = crc_add(crc, PyBytes_AS_STRING(number), PyBytes_GET_SIZE(number))
            crc = crc_end(crc_add(crc, PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))
            total += (crc >> 16) & 0x7FFF
            peer = by_weight(group, total)
            if peer.available(now) and not was_tried(tried, peer):
                return peer
        return smooth(group, tried)
