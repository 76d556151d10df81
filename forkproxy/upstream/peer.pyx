"""Peers: whether one may be asked, and what is counted of it.

What is counted lives on the scoreboard, so all workers see the same peer: the master's orders, the
keeper's findings, and what all of them change together. `available` is the one place that says
whether a peer may be asked.
"""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc, free

import hashlib

from forkproxy.clock cimport monotonic, wall
from forkproxy.net.dial cimport Address
from forkproxy.shared.scoreboard cimport (
    FINDING_CHECKING, FINDING_EJECTED, FINDING_UNHEALTHY, KEEPER, MASTER, ORDER_DOWN, ORDER_DRAIN,
    ORDER_READY, PEER_1XX, PEER_ACTIVE, PEER_BAD_IN_A_ROW, PEER_BUCKETS, PEER_CELLS,
    PEER_CHECKED_AT, PEER_CODES, PEER_FAILED, PEER_FAILED_AT, PEER_FAILS, PEER_FINDING,
    PEER_HEADER_TIME, PEER_IN_FLIGHT, PEER_ORDER, PEER_RECEIVED, PEER_REQUESTS, PEER_RESPONSE_SUM,
    PEER_RESPONSE_TIME, PEER_SELECTED_AT, PEER_SENT, PEER_UNAVAIL, PEER_UP_AT, SHARED, Scoreboard,
    add_to, swap_in,
)
from forkproxy.shared.tally cimport count_status
from forkproxy.upstream.standing cimport ready, weight_of

from forkproxy.shared.errorlog import log

# The upper ends of the classes that answers are counted in by their time, in milliseconds: NGINX
# Plus' own. One class more has the rest.
BUCKETS = (5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)
cdef int64_t[14] bucket_ends
for _index, _end in enumerate(BUCKETS):
    bucket_ends[_index] = _end


# What has to be added to monotonic milliseconds to have wall time, as it was when this was loaded.
cdef int64_t wall_ahead = milliseconds(wall() - monotonic())


cdef int64_t milliseconds(double instant) noexcept:
    return <int64_t> (instant * 1000.0)


cdef int64_t averaged(int64_t average, int64_t value) noexcept:
    return <int64_t> (0.5 + value * 0.05 + average * 0.95) if average else value


cdef uint64_t digest(bytes text) except 0:
    """A number for a text: half of its MD5, as none that a table of sessions keeps for itself."""
    cdef bytes half = hashlib.md5(text, usedforsecurity=False).digest()[:8]
    cdef uint64_t made = int.from_bytes(half, "little")
    return made if made > 1 else 2


cdef class Waiting:

    cdef void freed(self) noexcept:
        pass


cdef class Peer:

    def __cinit__(self):
        # Until it is attached: cells that nobody else sees. Those of the rows do not overlap.
        self.own = <uint64_t*> calloc(PEER_CELLS, sizeof(uint64_t))
        if self.own == NULL:
            raise MemoryError()
        self.standing.orders = self.standing.findings = self.standing.shared = self.facts = self.own
        self.idle = []

    def __dealloc__(self):
        free(self.own)

    def __init__(self, Address address not None, member not None):
        """Make the peer of a member (upstream.member.Member) that has this address."""
        self.address = address
        self.name = member.server.name.encode("utf-8", "surrogateescape")
        self.configure(member)
        self.standing.effective_weight = self.standing.configured_weight

    def configure(self, member not None):
        """Take what a member says from now on; its address is the same."""
        cdef int before = self.standing.configured_weight
        server = member.server
        self.member = member
        self.standing.configured_weight = server.weight
        self.standing.effective_weight += self.standing.configured_weight - before
        if self.standing.effective_weight < 0:
            self.standing.effective_weight = 0
        self.standing.max_fails = server.max_fails
        self.standing.max_conns = server.max_conns
        self.standing.fail_timeout = milliseconds(server.fail_timeout)
        self.standing.slow_start = milliseconds(server.slow_start)
        self.standing.down = server.down
        self.standing.drain = server.drain
        if server.route:
            self.session = server.route.encode("utf-8", "surrogateescape")
        else:
            found = hashlib.md5(self.address.text, usedforsecurity=False)
            self.session = found.hexdigest().encode()
        self.session_number = digest(self.session)

    def attach(self, cells, int first):
        """Obey the orders and keep the counts in columns of a scoreboard (shared.cells.Cells)."""
        cdef Scoreboard board = <Scoreboard?> cells.board
        self.board = board
        self.standing.orders = board.row_cells(<int> MASTER) + first
        self.standing.findings = board.row_cells(<int> KEEPER) + first
        self.standing.shared = board.row_cells(<int> SHARED) + first
        self.facts = board.row_cells(cells.row) + first

    cdef int weight(self) noexcept:
        """As configured, or as an administrator has ordered since."""
        return weight_of(&self.standing)

    cdef bint available(self, double now, bint session=False) noexcept:
        """Whether it may be asked; `session`: for one that is bound to it, which draining keeps."""
        return ready(&self.standing, milliseconds(now), session)

    cdef int64_t in_flight(self) noexcept:
        return <int64_t> self.standing.shared[<int> PEER_IN_FLIGHT]

    cdef bint begin(self, double now) noexcept:
        """Count one more exchange; False where another process has just taken the last place."""
        cdef int64_t there = <int64_t> add_to(self.standing.shared + <int> PEER_IN_FLIGHT, 1)
        if self.standing.max_conns and there > self.standing.max_conns:
            add_to(self.standing.shared + <int> PEER_IN_FLIGHT, -1)
            return False
        self.facts[<int> PEER_ACTIVE] += 1
        self.facts[<int> PEER_REQUESTS] += 1
        self.chosen(now)
        return True

    cdef void end(self) noexcept:
        self.facts[<int> PEER_ACTIVE] -= 1
        add_to(self.standing.shared + <int> PEER_IN_FLIGHT, -1)
        if self.waiting is not None:
            self.waiting.freed()

    cdef void chosen(self, double now) noexcept:
        cdef int64_t moment = milliseconds(now)
        cdef int64_t checked_at = <int64_t> self.standing.shared[<int> PEER_CHECKED_AT]
        if moment - checked_at > self.standing.fail_timeout:
            self.standing.shared[<int> PEER_CHECKED_AT] = <uint64_t> moment
        self.standing.shared[<int> PEER_SELECTED_AT] = <uint64_t> (moment + wall_ahead)

    cdef void failed(self, double now) noexcept:
        """An attempt failed: after max_fails of them nobody asks it for fail_timeout."""
        cdef int64_t fails
        cdef int lost
        self.facts[<int> PEER_FAILS] += 1
        add_to(self.standing.shared + <int> PEER_BAD_IN_A_ROW, 1)
        if self.standing.lone:
            # nginx: a lone peer is never marked down; there is nobody else to ask.
            self.standing.shared[<int> PEER_FAILED] = 0
            return
        fails = <int64_t> add_to(self.standing.shared + <int> PEER_FAILED, 1)
        self.standing.shared[<int> PEER_FAILED_AT] = <uint64_t> milliseconds(now)
        self.standing.shared[<int> PEER_CHECKED_AT] = self.standing.shared[<int> PEER_FAILED_AT]
        if self.standing.max_fails:
            lost = self.standing.configured_weight // self.standing.max_fails
            self.standing.effective_weight -= lost
            if self.standing.effective_weight < 0:
                self.standing.effective_weight = 0
            if fails == self.standing.max_fails:
                self.facts[<int> PEER_UNAVAIL] += 1
                name = self.address.text.decode(errors="replace")
                log.warn(f"upstream server {name} temporarily disabled")

    cdef void worked(self, double now) noexcept:
        """An attempt did not fail: what it was checked for is over."""
        cdef uint64_t fails = self.standing.shared[<int> PEER_FAILED]
        cdef uint64_t checked_at = self.standing.shared[<int> PEER_CHECKED_AT]
        if fails and self.standing.shared[<int> PEER_FAILED_AT] < checked_at:
            if self.standing.max_fails and <int64_t> fails >= self.standing.max_fails:
                self.standing.shared[<int> PEER_UP_AT] = <uint64_t> milliseconds(now)
            self.standing.shared[<int> PEER_FAILED] = 0

    cdef void answered(self, int status) noexcept:
        count_status(self.facts + <int> PEER_1XX, self.facts + <int> PEER_CODES, status)
        if status >= 500:
            add_to(self.standing.shared + <int> PEER_BAD_IN_A_ROW, 1)
        elif self.standing.shared[<int> PEER_BAD_IN_A_ROW]:
            self.standing.shared[<int> PEER_BAD_IN_A_ROW] = 0

    cdef void took(self, double header_time, double response_time, int64_t sent,
                   int64_t received) noexcept:
        """Count the time and the octets of an answer, in seconds."""
        cdef int64_t whole = milliseconds(response_time)
        cdef int bucket = 0
        self.facts[<int> PEER_SENT] += sent
        self.facts[<int> PEER_RECEIVED] += received
        self.facts[<int> PEER_RESPONSE_SUM] += whole
        while bucket < 14 and whole > bucket_ends[bucket]:
            bucket += 1
        self.facts[<int> PEER_BUCKETS + bucket] += 1
        self._measure(<int> PEER_HEADER_TIME, header_time)
        self._measure(<int> PEER_RESPONSE_TIME, response_time)

    cdef void _measure(self, int cell, double seconds) noexcept:
        # Where another process has just measured too, one of the two samples is lost.
        cdef uint64_t known = self.standing.shared[cell]
        swap_in(self.standing.shared + cell, known, averaged(known, milliseconds(seconds)))

    @property
    def lone(self):
        """Whether there is nobody else: then failures do not take it out."""
        return self.standing.lone

    @property
    def weight_now(self):
        return self.weight()

    @property
    def active(self):
        """Exchanges in flight in all processes."""
        return self.in_flight()

    def take_place(self):
        """Count one more exchange, as whoever has chosen it does; False where it is full."""
        return self.begin(monotonic())

    def leave_place(self):
        """Count one exchange less."""
        self.end()

    def fail(self):
        """Count a failure."""
        self.failed(monotonic())

    def may_be_asked(self, session=False):
        """What `available` says now."""
        return self.available(monotonic(), session)

    def __repr__(self):
        return f"<Peer {self.address.text.decode(errors='replace')}>"


def state_of(cells, int first, server):
    """Say in NGINX Plus' words how the peer in these columns does; `server`: its UpstreamServer."""
    cdef Scoreboard board = <Scoreboard?> cells.board
    cdef uint64_t order = board.row_cells(<int> MASTER)[first + <int> PEER_ORDER]
    cdef uint64_t finding = board.row_cells(<int> KEEPER)[first + <int> PEER_FINDING]
    cdef uint64_t* shared = board.row_cells(<int> SHARED) + first
    cdef int64_t now = milliseconds(monotonic())
    if order == <uint64_t> ORDER_DOWN or (server.down and order == <uint64_t> ORDER_READY):
        return "down"
    if order == <uint64_t> ORDER_DRAIN or (server.drain and order == <uint64_t> ORDER_READY):
        return "draining"
    if finding == <uint64_t> FINDING_CHECKING:
        return "checking"
    if finding == <uint64_t> FINDING_UNHEALTHY:
        return "unhealthy"
    if finding == <uint64_t> FINDING_EJECTED:
        return "unavail"
    if (server.max_fails and <int64_t> shared[<int> PEER_FAILED] >= server.max_fails
            and now - <int64_t> shared[<int> PEER_CHECKED_AT] <= milliseconds(server.fail_timeout)):
        return "unavail"
    return "up"
