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
