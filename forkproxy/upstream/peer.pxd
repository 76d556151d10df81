from libc.stdint cimport uint64_t

from forkproxy.net.dial cimport Address
from forkproxy.net.stream cimport Sleeper, Stream


cdef class Connection(Sleeper):
    """A connection to a peer: in use, or idle in its upstream's pool."""

    cdef readonly Stream stream
    cdef readonly Peer peer
    cdef Upstream upstream
    cdef long long requests             # that it has carried
    cdef double since                   # monotonic, of the connect
    cdef bint reused                    # it came out of the pool
    cdef bint idle

    cdef void close(self)


cdef class Peer:
    """One member of an upstream."""

    cdef readonly Address address
    cdef readonly bytes name            # as the configuration writes it
    cdef readonly int weight
    cdef readonly int max_fails         # 0: failures are not counted
    cdef readonly double fail_timeout   # seconds
    cdef readonly int max_conns         # 0: no limit
    cdef public bint down
    cdef uint64_t* orders               # of the master, on the scoreboard; NULL: nobody gives any
    cdef uint64_t* facts                # ours
    cdef int current_weight
    cdef int effective_weight
    cdef readonly int fails
    cdef double accessed                # monotonic, of the last failure
    cdef double checked
    cdef readonly long in_flight
    cdef list idle                      # Connections, the last used last

    cdef bint ordered_away(self) noexcept       # drained or taken down by an administrator
    cdef void begin(self) noexcept
    cdef void end(self) noexcept
    cdef bint available(self, double now) noexcept
    cdef void failed(self, double now) noexcept
    cdef void worked(self) noexcept


cdef class Upstream:
    """A named group of peers, and the idle connections to them."""

    cdef readonly str name
    cdef readonly tuple peers
    cdef readonly tuple backups
    cdef public list unresolved         # (host, port, make a Peer of an Address): names without an address
    cdef double resolved_at             # monotonic, when they were last looked up
    cdef readonly int keepalive         # idle connections kept; 0: none
    cdef readonly long long keepalive_requests
    cdef readonly double keepalive_timeout
    cdef readonly double keepalive_time
    cdef dict idle                      # Connection to None, in the order of their last use

    cdef Peer pick(self, list tried)
    cdef Connection borrow(self, Peer peer)
    cdef int give_back(self, Connection connection) except -1
    cdef void _forget(self, Connection connection)
