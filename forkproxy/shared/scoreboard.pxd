from libc.stdint cimport uint64_t


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
    KEYVALS_APPLIED = 20    # the number of the last change of keyvals that a worker carried out
    FIXED_CELLS = 32    # room for more of them


# The columns of one peer, counted from its first one.
cpdef enum PeerCell:
    PEER_ORDER = 0      # an Order; the master's
    PEER_WEIGHT         # as ordered, 0: as configured; the master's
    PEER_FINDING        # a Finding; the keeper's
    PEER_ACTIVE         # exchanges in flight
    PEER_REQUESTS       # ever
    PEER_FAILS          # ever
    PEER_SENT           # octets, ever
    PEER_RECEIVED       # octets, ever
    PEER_CELLS = 16


# How many different statuses are told apart.
cpdef enum Share:
    CODES = 16


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
    ORDER_READY = 0
    ORDER_DRAIN = 1
    ORDER_DOWN = 2


cpdef enum Finding:
    FINDING_UP = 0
    FINDING_DOWN = 1
    FINDING_EJECTED = 2


cdef class Scoreboard:
    """A table of cells, row by row: one row a writer, one column a number."""

    cdef readonly int rows
    cdef readonly int columns
    cdef uint64_t* cells
    cdef uint64_t* used         # rows from 0 that anyone has ever written; the master's
    cdef size_t size            # octets

    cdef uint64_t* row_cells(self, int row) noexcept
    cdef int _check(self, int row, int column) except -1
