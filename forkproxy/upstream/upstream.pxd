from forkproxy.core.exchange cimport Exchange
from forkproxy.upstream.balance.policy cimport Policy
from forkproxy.upstream.balance.sticky cimport Sticky
from forkproxy.upstream.group cimport Group
from forkproxy.upstream.peer cimport Peer
from forkproxy.upstream.pool cimport Pool
from forkproxy.upstream.queue cimport Queue


cdef class Upstream:
    """A named group of peers, and how one of them is chosen."""

    cdef readonly str name
    cdef readonly Group main
    cdef readonly Group backups
    cdef readonly Pool pool
    cdef readonly Policy policy
    cdef readonly Sticky sticky         # None: requests have no sessions
    cdef readonly Queue queue           # None: nobody waits for a peer that is full
    cdef readonly dict members          # id to member.Member, the names among them too
    cdef dict by_id                     # id to Peer
    cdef object cells
    cdef public object resolver         # net.resolver.Resolver, for the names among the members
    cdef public double resolver_timeout
    cdef readonly list checks           # check.Check, for the keeper
    cdef public object ejection         # config.directives.health.Ejection; None: nobody is ejected
    cdef public list unresolved         # Members whose names had no address when we began
    cdef double resolved_at             # monotonic, when they were last looked up

    cdef Peer pick(self, Exchange exchange, list tried)
    cdef Peer _from(self, Group group, Exchange exchange, list tried)
    cdef int tries(self) noexcept
    cdef bint another(self, list tried, Peer peer) noexcept
    cdef int _regroup(self) except -1
    cdef int _drop(self, Peer peer) except -1
