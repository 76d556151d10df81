from libc.stdint cimport int64_t, uint64_t

# What more than one process changes at once, is changed by these alone.
cdef extern from *:
    """
    #include <stdint.h>
    static inline uint64_t forkproxy_add(uint64_t* cell, int64_t amount) {
        return __atomic_add_fetch(cell, (uint64_t) amount, __ATOMIC_RELAXED);
    }
    static inline int forkproxy_swap(uint64_t* cell, uint64_t known, uint64_t wanted) {
        return __atomic_compare_exchange_n(cell, &known, wanted, 0, __ATOMIC_ACQ_REL,
                                           __ATOMIC_RELAXED);
    }
    """
    # Add, and return the sum.
    uint64_t add_to "forkproxy_add" (uint64_t* cell, int64_t amount) noexcept nogil
    # Store `wanted` where `known` is still there; return whether it was.
    bint swap_in "forkproxy_swap" (uint64_t* cell, uint64_t known, uint64_t wanted) noexcept nogil


cpdef enum Row:
    MASTER = 0          # orders
    KEEPER = 1          # findings
    FIRST_WORKER = 2    # facts, from here on


# The columns that every process knows without asking; the others are given out by cells.py.
cpdef enum Cell:
    BEAT = 0            # counted up once a second by whoever lives
    ACCEPTED            # connections, ever
    HANDLED             # connections that were not dropped at once, ever
    ACTIVE              # connections open now, tunnels and idle ones included
    READING             # of those: a request head is being read
    WRITING             # of those: a request is being answered
    WAITING             # of those: idle, between two requests
    REQUESTS            # ever
    RESPAWNS            # workers replaced after they died, ever; the master's
    KEPT_ACCEPTED       # what earlier runs had counted; the keeper's
    KEPT_HANDLED
    KEPT_REQUESTS
    KEPT_RESPAWNS
    SAVED_ACCEPTED      # what of our own counts is in the store; the keeper's
    SAVED_HANDLED
    SAVED_REQUESTS
    SAVED_RESPAWNS
    KEPT_LOADED         # 1 once the KEPT cells are set; the keeper's
    PEERS_APPLIED       # the number of the last change of peers that a process has carried out
    WEIGHTS_GIVEN       # counted up with each weight that is ordered of a peer; the master's
    KEYVALS_APPLIED = 20    # the number of the last change of keyvals that a worker carried out
    PROFILING = 21      # whether turns of the loop are to be looked at closely; the master's
    CONNECTION_RATE     # accepted in the last second, and the most that ever were; the keeper's
    CONNECTION_RATE_MOST
    REQUEST_RATE
    REQUEST_RATE_MOST
    ACTIVE_MOST         # of those open at one of the keeper's looks
    TURNS = 32          # how long they are, 192 cells: see net.turns
    FIXED_CELLS = 256   # room for more of them


# How many different statuses are told apart.
cpdef enum Share:
    CODES = 16


# What of a peer is not in a row, but beside what there is of its neighbours, since each choice
# looks at all of them: one cache line that every method reads, then one that few do. Times are in
# milliseconds. Cells without a writer of their own are changed by all, by atomic operations alone.
cpdef enum StandingCell:
    STANDING_ORDER = 0      # an Order; the master's
    STANDING_WEIGHT         # as ordered, 0: as configured; the master's
    STANDING_FINDING        # a Finding; the keeper's
    STANDING_CHECKED        # whether a health check was ever made; the keeper's
    STANDING_IN_FLIGHT      # exchanges in flight in all processes
    STANDING_FAILED         # failures within the last fail_timeout
    STANDING_CHECKED_AT     # monotonic, when it was last chosen to see whether it works
    STANDING_UP_AT          # monotonic, since when it serves again: its slow start; 0: always has
    STANDING_HEADER_TIME    # moving average until an answer's head was there
    STANDING_RESPONSE_TIME  # and until its end
    STANDING_FAILED_AT      # monotonic, of the last failure
    STANDING_SELECTED_AT    # wall time of the last choice
    STANDING_BAD_IN_A_ROW   # answers of 500 and above, and failures, since the last good answer
    STANDING_MOST           # the most that ever were in flight; the master may begin it anew
    STANDING_CELLS = 16


# The columns of one peer, counted from its first one. Times are in milliseconds.
cpdef enum PeerCell:
    PEER_CHECKS = 0     # health checks, ever; the keeper's, like the next ones
    PEER_CHECK_FAILS    # those that failed
    PEER_UNHEALTHY      # how often it became unhealthy
    PEER_LAST_PASSED    # whether the last check passed
    PEER_EJECTIONS      # how often it was ejected
    PEER_DOWN_AT        # wall time since when it is unhealthy or ejected; 0: it is not
    PEER_DOWNTIME       # how long it was, before that
    PEER_ACTIVE         # exchanges in flight in one process; the workers', like the next ones
    PEER_REQUESTS       # ever
    PEER_FAILS          # ever
    PEER_UNAVAIL        # how often it was taken out of the choice for its failures
    PEER_SENT           # octets, ever
    PEER_RECEIVED       # octets, ever
    PEER_1XX            # answers of that class, ever; five of them
    PEER_5XX = PEER_1XX + 4
    PEER_RESPONSE_SUM   # of the time that answers took
    PEER_BUCKETS        # answers by their time, 15 cells: see upstream.peer.BUCKETS
    PEER_CODES = PEER_BUCKETS + 16      # answers by their status, CODES cells: see tally
    PEER_CHECK_OUTCOME = PEER_CODES + 16    # an Outcome, of the last check; the keeper's again
    PEER_CHECK_CODE     # the status it was answered with, 0: none
    PEER_CHECK_TIME     # how long it took
    PEER_CHECK_HEALTH   # how far it is from being what it is not now: see lines.checks
    PEER_CHECK_RISE     # passes in a row that it takes to be healthy
    PEER_CHECK_FALL     # failures in a row that it takes to be unhealthy
    PEER_CHANGED_AT     # wall time of the last verdict that was new; the master's: of an order
    PEER_UNCHECKED      # whether no checks are to be made; the master's
    PEER_CONNECTS       # connections made; the workers', like the next ones
    PEER_CONNECT_FAILS  # connections that could not be made
    PEER_CONNECT_SUM    # of the time until there was a connection: none for one that was kept
    PEER_CONNECT_MOST   # the longest; the master may begin the three anew
    PEER_HEADER_SUM     # of the time until an answer's head was there
    PEER_HEADER_MOST
    PEER_RESPONSE_MOST
    PEER_RETRIES        # asked again, since a kept connection was closed under a request
    PEER_REDISPATCHES   # requests that went to another peer after this one had failed
    PEER_IDLE           # connections that are kept, now
    PEER_RATE           # requests in the last second; the keeper's, like the next ones
    PEER_RATE_MOST
    PEER_CONNECT_TIME   # averages over some 1,024 answers, in ms
    PEER_HEADER_TIME
    PEER_RESPONSE_TIME
    PEER_CELLS = 80


# The columns of a status_zone, of a server or of locations.
cpdef enum ZoneCell:
    ZONE_PROCESSING = 0
    ZONE_REQUESTS
    ZONE_DISCARDED      # ended without an answer
    ZONE_RECEIVED       # octets
    ZONE_SENT
    ZONE_1XX
    ZONE_2XX
    ZONE_3XX
    ZONE_4XX
    ZONE_5XX
    ZONE_CODES          # CODES cells
    ZONE_HANDSHAKES = 26
    ZONE_HANDSHAKES_FAILED
    ZONE_SESSION_REUSES
    ZONE_RATE           # requests in the last second, and the most that ever were; the keeper's
    ZONE_RATE_MOST
    ZONE_MOST           # processed at one of the keeper's looks


# The columns of TLS as a whole; kind "ssl", name "".
cpdef enum SslCell:
    SSL_HANDSHAKES = 0
    SSL_HANDSHAKES_FAILED
    SSL_SESSION_REUSES
    SSL_NO_COMMON_PROTOCOL
    SSL_NO_COMMON_CIPHER
    SSL_HANDSHAKE_TIMEOUT
    SSL_PEER_REJECTED_CERT
    SSL_NO_CERT         # this and the next four: why a certificate was not accepted
    SSL_EXPIRED_CERT
    SSL_REVOKED_CERT
    SSL_HOSTNAME_MISMATCH
    SSL_OTHER


# The columns of a cache. Responses and octets read from it, or that came for want of it.
cpdef enum CacheCell:
    CACHE_SIZE = 0      # octets now; one process keeps this and the next two
    CACHE_MAX_SIZE      # 0: no limit
    CACHE_COLD          # 1 while what is on disk is being read in
    CACHE_HIT
    CACHE_HIT_BYTES
    CACHE_STALE
    CACHE_STALE_BYTES
    CACHE_UPDATING
    CACHE_UPDATING_BYTES
    CACHE_REVALIDATED
    CACHE_REVALIDATED_BYTES
    CACHE_MISS
    CACHE_MISS_BYTES
    CACHE_MISS_WRITTEN
    CACHE_MISS_BYTES_WRITTEN
    CACHE_EXPIRED
    CACHE_EXPIRED_BYTES
    CACHE_EXPIRED_WRITTEN
    CACHE_EXPIRED_BYTES_WRITTEN
    CACHE_BYPASS
    CACHE_BYPASS_BYTES
    CACHE_BYPASS_WRITTEN
    CACHE_BYPASS_BYTES_WRITTEN


cpdef enum LimitReqCell:
    LIMIT_REQ_PASSED = 0
    LIMIT_REQ_DELAYED
    LIMIT_REQ_REJECTED
    LIMIT_REQ_DELAYED_DRY_RUN
    LIMIT_REQ_REJECTED_DRY_RUN


cpdef enum LimitConnCell:
    LIMIT_CONN_PASSED = 0
    LIMIT_CONN_REJECTED
    LIMIT_CONN_REJECTED_DRY_RUN


# The columns of an upstream; kind "upstream".
cpdef enum UpstreamCell:
    UPSTREAM_IDLE = 0   # connections to peers that are kept, now
    UPSTREAM_QUEUED     # requests that wait for a peer, now
    UPSTREAM_OVERFLOWS  # requests that found the queue full, ever
    UPSTREAM_WAITED     # time that requests have waited, in ms
    UPSTREAM_WAITED_MOST    # the longest; the master may begin it anew
    UPSTREAM_QUEUED_MOST    # at one of the keeper's looks; the keeper's, like the next ones
    UPSTREAM_RATE       # requests to all its peers in the last second
    UPSTREAM_RATE_MOST
    UPSTREAM_MOST       # in flight at one look
    UPSTREAM_QUEUE_TIME     # averages over some 1,024 requests, in ms
    UPSTREAM_CONNECT_TIME
    UPSTREAM_HEADER_TIME
    UPSTREAM_RESPONSE_TIME


cpdef enum ResolverCell:
    RESOLVER_NAME = 0   # questions
    RESOLVER_SRV
    RESOLVER_ADDR
    RESOLVER_NOERROR    # answers
    RESOLVER_FORMERR
    RESOLVER_SERVFAIL
    RESOLVER_NXDOMAIN
    RESOLVER_NOTIMP
    RESOLVER_REFUSED
    RESOLVER_TIMEDOUT
    RESOLVER_UNKNOWN


cpdef enum Width:
    TALLY_CELLS = 64    # of everything that is counted but peers


cpdef enum Order:
    ORDER_READY = 0     # as the configuration says: ready, but for lines with down or drain
    ORDER_DRAIN = 1
    ORDER_DOWN = 2
    ORDER_UP = 3        # ready, whatever its line says


cpdef enum Finding:
    FINDING_UP = 0
    FINDING_UNHEALTHY = 1
    FINDING_EJECTED = 2
    FINDING_CHECKING = 3    # a mandatory check has not been made yet


cdef class Scoreboard:
    """A table of cells, row by row: one row a writer, one column a number."""

    cdef readonly int rows
    cdef readonly int columns
    cdef uint64_t* cells
    cdef uint64_t* standings    # of peers, STANDING_CELLS each
    cdef uint64_t* used         # rows from 0 that anyone has ever written; the master's
    cdef size_t size            # octets

    cdef uint64_t* row_cells(self, int row) noexcept
    cdef uint64_t* standing(self, int first) noexcept
    cdef int _check(self, int row, int column) except -1
