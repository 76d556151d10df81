"""ip_hash: by the client's address, the first three octets of IPv4, all of IPv6; nginx's choice."""

from libc.stdint cimport uint32_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.poller cimport poller
from forkproxy.upstream.balance.policy cimport Policy, smooth
from forkproxy.upstream.group cimport Group, by_weight, was_tried
from forkproxy.upstream.peer cimport Peer

cdef extern from "<arpa/inet.h>" nogil:
    int AF_INET
    int AF_INET6
    int inet_pton(int family, const char* text, void* into)

DEF TRIES = 20          # draws until round robin decides
DEF SEED = 89


cdef class IpHash(Policy):

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        cdef unsigned char address[16]
        cdef int length, _draw, index
        cdef uint32_t drawn = SEED
        cdef Peer peer
        cdef double now = poller.now
        if group.count < 2:
            return smooth(group, tried)
        length = _address(exchange.address, address)
        for _draw in range(TRIES + 1):
            for index in range(length):
                drawn = (drawn * 113 + address[index]) % 6271
            peer = by_weight(group, drawn)
            if peer.available(now) and not was_tried(tried, peer):
                return peer
        return smooth(group, tried)


cdef int _address(bytes text, unsigned char* into) noexcept:
    """Write the octets that count; return how many. Other families all count as 0.0.0."""
    if inet_pton(AF_INET, text, into) == 1:
        return 3
    if inet_pton(AF_INET6, text, into) == 1:
        return 16
    into[0] = into[1] = into[2] = 0
    return 3
