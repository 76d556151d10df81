"""How fast counts grow, and how long things take of late: seen once a second, by the keeper.

Requests only add up. What is worth knowing of the sums is written here into the keeper's own row,
for whoever shows it, and stays there when another keeper comes. Averages forget as HAProxy's do:
each value weighs 1/1024 less with each that follows.
"""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc, free

from forkproxy.shared.scoreboard cimport (
    PEER_BUCKETS, PEER_CELLS, PEER_CONNECT_SUM, PEER_CONNECT_TIME, PEER_HEADER_SUM,
    PEER_HEADER_TIME, PEER_RATE, PEER_RATE_MOST, PEER_REQUESTS, PEER_RESPONSE_SUM,
    PEER_RESPONSE_TIME, STANDING_IN_FLIGHT, STANDING_SELECTED_AT, UPSTREAM_CONNECT_TIME,
    UPSTREAM_HEADER_TIME, UPSTREAM_MOST, UPSTREAM_QUEUE_TIME, UPSTREAM_QUEUED,
    UPSTREAM_QUEUED_MOST, UPSTREAM_RATE, UPSTREAM_RATE_MOST, UPSTREAM_RESPONSE_TIME,
    UPSTREAM_WAITED, Scoreboard,
)

DEF WINDOW = 1024       # values that an average is made of, about
DEF IDLE = 3000         # ms after which a peer that nobody asks needs no look
DEF BUCKETS = 15


cdef struct Sums:
    int64_t requests
    int64_t answers
    int64_t connect     # ms, like the others
    int64_t header
    int64_t response


cdef class Paces:
    """What was counted at the last look. The first one shows no rate: it does not know since when.

    `row` is that of the process that looks.
    """

    cdef Scoreboard board
    cdef int row
    cdef double seconds     # since the last look
    cdef double looked_at
    cdef Sums* seen         # of peers, by their first column
    cdef dict counts        # what else was counted, by its column

    def __cinit__(self, Scoreboard board not None, int row):
        board._check(row, 0)
        self.board = board
        self.row = row
        self.seen = <Sums*> calloc(board.columns // <int> PEER_CELLS + 1, sizeof(Sums))
        if self.seen == NULL:
            raise MemoryError
        self.counts = {}

    def __dealloc__(self):
        free(self.seen)

    def begin(self, double now):
        """Begin a look, at `now` in seconds."""
        self.seconds = now - self.looked_at if self.looked_at else 0.0
        self.looked_at = now

    def rate(self, int source, int into):
        """Write how often a column was counted up in a second, and behind it the most ever."""
        cdef int64_t now = self.board.total(source)
        cdef int64_t before = self.counts.get(source, now)
        self.board._check(self.row, into + 1)
        self.counts[source] = now
        self._rate(into, into + 1, now - before)

    def most(self, int source, int into):
        """Keep the most that a column has ever come to."""
        self.board._check(self.row, into)
        self._most(into, self.board.total(source))

    def upstream(self, list firsts not None, int tally, int64_t wall):
        """Look at peers by their first columns, and at their upstream's tally: -1 for none.

        `wall` is wall time in ms: peers that nobody has asked of late are passed over.
        """
        cdef Sums grown, all_grown
        cdef int64_t in_flight = 0, waited
        cdef uint64_t* standing
        cdef int first
        all_grown.requests = all_grown.answers = 0
        all_grown.connect = all_grown.header = all_grown.response = 0
        for first in firsts:
            self.board._check(self.row, first + <int> PEER_CELLS - 1)
            standing = self.board.standing(first)
            in_flight += <int64_t> standing[<int> STANDING_IN_FLIGHT]
            if (wall - <int64_t> standing[<int> STANDING_SELECTED_AT] > IDLE
                    and not standing[<int> STANDING_IN_FLIGHT]
                    and not self.board.row_cells(self.row)[first + <int> PEER_RATE]):
                continue
            grown = self._peer(first)
            all_grown.requests += grown.requests
            all_grown.answers += grown.answers
            all_grown.connect += grown.connect
            all_grown.header += grown.header
            all_grown.response += grown.response
        if tally < 0:
            return
        self.board._check(self.row, tally + <int> UPSTREAM_RESPONSE_TIME)
        self._rate(tally + <int> UPSTREAM_RATE, tally + <int> UPSTREAM_RATE_MOST,
                   all_grown.requests)
        self._most(tally + <int> UPSTREAM_MOST, in_flight)
        self._most(tally + <int> UPSTREAM_QUEUED_MOST,
                   self.board.total(tally + <int> UPSTREAM_QUEUED))
        self._average(tally + <int> UPSTREAM_CONNECT_TIME, all_grown.connect, all_grown.answers)
        self._average(tally + <int> UPSTREAM_HEADER_TIME, all_grown.header, all_grown.answers)
        self._average(tally + <int> UPSTREAM_RESPONSE_TIME, all_grown.response, all_grown.answers)
        waited = self.board.total(tally + <int> UPSTREAM_WAITED)
        grown.response = waited - <int64_t> self.counts.get(tally, waited)
        self.counts[tally] = waited
        self._average(tally + <int> UPSTREAM_QUEUE_TIME, grown.response, all_grown.requests)

    cdef Sums _peer(self, int first) except *:
        """By how much a peer's sums have grown; its own cells are written."""
        cdef Sums* seen = self.seen + first // <int> PEER_CELLS
        cdef Sums now, grown
        cdef int bucket
        now.requests = self.board.total(first + <int> PEER_REQUESTS)
        now.connect = self.board.total(first + <int> PEER_CONNECT_SUM)
        now.header = self.board.total(first + <int> PEER_HEADER_SUM)
        now.response = self.board.total(first + <int> PEER_RESPONSE_SUM)
        now.answers = 0
        for bucket in range(BUCKETS):
            now.answers += <int64_t> self.board.total(first + <int> PEER_BUCKETS + bucket)
        # The first look at a peer, or at another one that has its columns now.
        if not self.seconds or not seen.requests or now.requests < seen.requests:
            seen[0] = now
        grown.requests = now.requests - seen.requests
        grown.answers = now.answers - seen.answers
        grown.connect = now.connect - seen.connect
        grown.header = now.header - seen.header
        grown.response = now.response - seen.response
        seen[0] = now
        self._rate(first + <int> PEER_RATE, first + <int> PEER_RATE_MOST, grown.requests)
        self._average(first + <int> PEER_CONNECT_TIME, grown.connect, grown.answers)
        self._average(first + <int> PEER_HEADER_TIME, grown.header, grown.answers)
        self._average(first + <int> PEER_RESPONSE_TIME, grown.response, grown.answers)
        return grown

    cdef int _rate(self, int into, int most, int64_t grown) except -1:
        cdef uint64_t* cells = self.board.row_cells(self.row)
        cdef int64_t rate = 0
        if self.seconds > 0.0 and grown > 0:
            rate = <int64_t> (grown / self.seconds + 0.5)
        cells[into] = <uint64_t> rate
        self._most(most, rate)
        return 0

    cdef void _most(self, int into, int64_t value) noexcept:
        cdef uint64_t* cell = self.board.row_cells(self.row) + into
        if value > <int64_t> cell[0]:
            cell[0] = <uint64_t> value

    cdef void _average(self, int into, int64_t grown, int64_t count) noexcept:
        """Let so many new values that come to `grown` weigh in an average, kept in thousandths."""
        cdef uint64_t* cell = self.board.row_cells(self.row) + into
        cdef double old = <double> cell[0], new
        if count <= 0:
            return
        new = grown * 1000.0 / count
        if cell[0]:
            new += (old - new) * (1.0 - 1.0 / WINDOW) ** count
        cell[0] = <uint64_t> (new + 0.5)
