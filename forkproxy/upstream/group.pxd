from libc.stdint cimport int64_t, uint64_t

from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.standing cimport Standing


cdef class Group:
    """Peers that are chosen between: the main ones of an upstream, or its backups."""

    cdef readonly tuple peers
    cdef readonly Py_ssize_t count
    cdef readonly long long total_weight
    cdef Standing** standings           # of the peers, in their order
    cdef Py_ssize_t* equals             # room for indices, for who chooses; nobody waits meanwhile
    cdef int64_t* sums                  # of the weights up to and with each peer
    cdef dict sessions                  # what sticky sessions call a peer, to the Peer
    cdef uint64_t* weights_given        # the master counts here what it orders; NULL: nobody orders
    cdef uint64_t weights_seen
    cdef object board

    cdef int regroup(self, tuple peers) except -1
    cdef bint stale(self) noexcept      # weights were ordered since the total was added up

# The peer on whose part of the sum of all weights a number falls; of a group that has one.
cdef Peer by_weight(Group group, uint64_t drawn)
cdef bint was_tried(list tried, Peer peer) noexcept
