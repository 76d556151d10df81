from forkproxy.upstream.balance.policy cimport Policy
from forkproxy.upstream.group cimport Group
from forkproxy.upstream.peer cimport Peer


cdef class IpHash(Policy):
    """By the client's address."""

cdef Peer by_weight(Group group, unsigned long long drawn)
