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
    FINDING_CHECKING, FINDING_EJECTED, FINDING_UNHEALTHY, ORDER_DOWN, ORDER_DRAIN, ORDER_READY,
    PEER_1XX, PEER_ACTIVE, PEER_BUCKETS, PEER_CELLS, PEER_CODES, PEER_CONNECT_FAILS,
    PEER_CONNECT_MOST, PEER_CONNECT_SUM, PEER_CONNECTS, PEER_FAILS, PEER_HEADER_MOST,
    PEER_HEADER_SUM, PEER_IDLE, PEER_RECEIVED, PEER_REDISPATCHES, PEER_REQUESTS,
    PEER_RESPONSE_MOST, PEER_RESPONSE_SUM, PEER_RETRIES, PEER_SENT, PEER_UNAVAIL,
    STANDING_BAD_IN_A_ROW, STANDING_CELLS, STANDING_CHECKED_AT, STANDING_FAILED,
    STANDING_FAILED_AT, STANDING_FINDING, STANDING_HEADER_TIME, STANDING_IN_FLIGHT,
    STANDING_MOST, STANDING_ORDER, STANDING_RESPONSE_TIME, STANDING_SELECTED_AT, STANDING_UP_AT,
    Scoreboard, add_to, swap_in,
)
from forkproxy.shared.tally cimport count_status
from forkproxy.upstream.standing cimport judge, ready, weight_of

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
        # Until it is attached: cells that nobody else sees.
        self.own = <uint64_t*> calloc(<int> PEER_CELLS + <int> STANDING_CELLS, sizeof(uint64_t))
        if self.own == NULL:
            raise MemoryError()
        self.facts = self.own
        self.standing.cells = self.own + <int> PEER_CELLS
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
        judge(&self.standing)
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
        self.standing.cells = board.standing(first)
        self.facts = board.row_cells(cells.row) + first

    cdef int weight(self) noexcept:
        """As configured, or as an administrator has ordered since."""
        return weight_of(&self.standing)

    cdef bint available(self, double now, bint session=False) noexcept:
        """Whether it may be asked; `session`: for one that is bound to it, which draining keeps."""
        return ready(&self.standing, milliseconds(now), session)

    cdef int64_t in_flight(self) noexcept:
        return <int64_t> self.standing.cells[<int> STANDING_IN_FLIGHT]

    cdef bint begin(self, double now) noexcept:
        """Count one more exchange; False where another process has just taken the last place."""
        cdef int64_t there = <int64_t> add_to(self.standing.cells + <int> STANDING_IN_FLIGHT, 1)
        if self.standing.max_conns and there > self.standing.max_conns:
            add_to(self.standing.cells + <int> STANDING_IN_FLIGHT, -1)
            return False
        if <uint64_t> there > self.standing.cells[<int> STANDING_MOST]:
            self.standing.cells[<int> STANDING_MOST] = <uint64_t> there
        self.facts[<int> PEER_ACTIVE] += 1
        self.facts[<int> PEER_REQUESTS] += 1
        self.chosen(now)
        return True

    cdef void end(self) noexcept:
        self.facts[<int> PEER_ACTIVE] -= 1
        add_to(self.standing.cells + <int> STANDING_IN_FLIGHT, -1)
        if self.waiting is not None:
            self.waiting.freed()

    cdef void chosen(self, double now) noexcept:
        cdef int64_t moment = milliseconds(now)
        cdef int64_t checked_at = <int64_t> self.standing.cells[<int> STANDING_CHECKED_AT]
        if moment - checked_at > self.standing.fail_timeout:
            self.standing.cells[<int> STANDING_CHECKED_AT] = <uint64_t> moment
        self.standing.cells[<int> STANDING_SELECTED_AT] = <uint64_t> (moment + wall_ahead)

    cdef void failed(self, double now) noexcept:
        """An attempt failed: after max_fails of them nobody asks it for fail_timeout."""
        cdef uint64_t* cells = self.standing.cells
        cdef int64_t fails
        cdef int lost
        self.facts[<int> PEER_FAILS] += 1
        add_to(cells + <int> STANDING_BAD_IN_A_ROW, 1)
        if self.standing.lone:
            # nginx: a lone peer is never marked down; there is nobody else to ask.
            cells[<int> STANDING_FAILED] = 0
            return
        fails = <int64_t> add_to(cells + <int> STANDING_FAILED, 1)
        cells[<int> STANDING_FAILED_AT] = <uint64_t> milliseconds(now)
        cells[<int> STANDING_CHECKED_AT] = cells[<int> STANDING_FAILED_AT]
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
        cdef uint64_t* cells = self.standing.cells
        cdef uint64_t fails = cells[<int> STANDING_FAILED]
        if fails and cells[<int> STANDING_FAILED_AT] < cells[<int> STANDING_CHECKED_AT]:
            if self.standing.max_fails and <int64_t> fails >= self.standing.max_fails:
                cells[<int> STANDING_UP_AT] = <uint64_t> milliseconds(now)
            cells[<int> STANDING_FAILED] = 0

    cdef void answered(self, int status) noexcept:
        count_status(self.facts + <int> PEER_1XX, self.facts + <int> PEER_CODES, status)
        if status >= 500:
            add_to(self.standing.cells + <int> STANDING_BAD_IN_A_ROW, 1)
        elif self.standing.cells[<int> STANDING_BAD_IN_A_ROW]:
            self.standing.cells[<int> STANDING_BAD_IN_A_ROW] = 0

    cdef void connected(self) noexcept:
        self.facts[<int> PEER_CONNECTS] += 1

    cdef void unreachable(self) noexcept:
        self.facts[<int> PEER_CONNECT_FAILS] += 1

    cdef void passed_over(self, bint again) noexcept:
        """A request that it failed is sent anew: `again` to this one, else to another."""
        self.facts[<int> PEER_RETRIES if again else <int> PEER_REDISPATCHES] += 1

    cdef void took(self, double connect_time, double header_time, double response_time,
                   int64_t sent, int64_t received) noexcept:
        """Count the time and the octets of an answer, in seconds."""
        cdef int64_t whole = milliseconds(response_time)
        cdef int64_t connect = milliseconds(connect_time), header = milliseconds(header_time)
        cdef int bucket = 0
        self.facts[<int> PEER_SENT] += sent
        self.facts[<int> PEER_RECEIVED] += received
        self.facts[<int> PEER_RESPONSE_SUM] += whole
        self.facts[<int> PEER_CONNECT_SUM] += connect
        self.facts[<int> PEER_HEADER_SUM] += header
        keep_most(self.facts + <int> PEER_CONNECT_MOST, connect)
        keep_most(self.facts + <int> PEER_HEADER_MOST, header)
        keep_most(self.facts + <int> PEER_RESPONSE_MOST, whole)
        while bucket < 14 and whole > bucket_ends[bucket]:
            bucket += 1
        self.facts[<int> PEER_BUCKETS + bucket] += 1
        self._measure(<int> STANDING_HEADER_TIME, header_time)
        self._measure(<int> STANDING_RESPONSE_TIME, response_time)

    cdef void idles(self, int more) noexcept:
        self.facts[<int> PEER_IDLE] += <uint64_t> <int64_t> more

    cdef void _measure(self, int cell, double seconds) noexcept:
        # Where another process has just measured too, one of the two samples is lost.
        cdef uint64_t known = self.standing.cells[cell]
        swap_in(self.standing.cells + cell, known, averaged(known, milliseconds(seconds)))

    @property
    def lone(self):
        """Whether there is nobody else: then failures do not take it out."""
        return self.standing.lone

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
    cdef uint64_t* standing = (<Scoreboard?> cells.board).standing(first)
    cdef uint64_t order = standing[<int> STANDING_ORDER]
    cdef uint64_t finding = standing[<int> STANDING_FINDING]
    cdef int64_t since = milliseconds(monotonic()) - <int64_t> standing[<int> STANDING_CHECKED_AT]
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
    if (server.max_fails and <int64_t> standing[<int> STANDING_FAILED] >= server.max_fails
            and since <= milliseconds(server.fail_timeout)):
        return "unavail"
    return "up"
