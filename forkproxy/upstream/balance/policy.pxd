from libc.stdint cimport int64_t

from forkproxy.core.exchange cimport Exchange
from forkproxy.upstream.group cimport Group
from forkproxy.upstream.peer cimport Peer


cdef class Policy:
    """How one peer of a group is chosen."""

    # A peer that is available and was not tried, or None.
    cdef Peer choose(self, Group group, Exchange exchange, list tried)
    # A session is bound to `preferred`, which is available: keep the accounts, and return it.
    cdef Peer prefer(self, Group group, list tried, Peer preferred)
    # The group has other peers, or other weights.
    cdef int regroup(self, Group group) except -1
    # For those that measure: an attempt has begun; its head is there; it is over.
    cdef void began(self, Peer peer) noexcept
    cdef void headed(self, Peer peer, double header_time) noexcept
    cdef void ended(self, Peer peer, double response_time) noexcept

    cdef readonly bint measures         # whether it wants to hear of that


# nginx's smooth weighted round robin, which other policies fall back to.
cdef Peer smooth(Group group, list tried)
# Round robin between the first `count` of group.equals; None where there are none.
cdef Peer turn_of(Group group, Py_ssize_t count, int64_t now)
