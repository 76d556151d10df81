"""Peers, the choice between them, and the idle connections to them.

The choice is nginx's smooth weighted round robin: each pick adds to every peer its weight, takes
the one that has most, and takes the sum of all weights off it. So weights 5, 1, 1 give a a b a c a a.
"""

from libc.stdint cimport uint64_t

from forkproxy.net.dial cimport Address
from forkproxy.net.poller cimport poller
from forkproxy.net.dial import resolve
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.shared.scoreboard cimport (
    MASTER, ORDER_READY, PEER_ACTIVE, PEER_FAILS, PEER_ORDER, PEER_REQUESTS, Scoreboard,
)

LOOKUP_PAUSE = 5.0          # seconds between two look-ups of names that had no address


cdef class Connection(Sleeper):

    cdef void woken(self, Stream stream) noexcept:
        """Something came on an idle connection: its end, or octets that nobody asked for."""
        self.upstream._forget(self)
        self.close()

    cdef void expired(self, Stream stream) noexcept:
        self.upstream._forget(self)
        self.close()

    cdef void close(self):
        self.stream.close()


cdef class Peer:

    def __init__(self, Address address not None, bytes name not None, int weight=1, int max_fails=1,
                 double fail_timeout=10.0, int max_conns=0, bint down=False):
        self.address = address
        self.name = name
        self.weight = self.effective_weight = weight
        self.max_fails = max_fails
        self.fail_timeout = fail_timeout
        self.max_conns = max_conns
        self.down = down
        self.idle = []

    def attach(self, cells, str name not None):
        """Obey the orders and keep the facts of the peer `name` on a scoreboard (shared.cells.Cells)."""
        cdef Scoreboard board = <Scoreboard?> cells.board
        cdef int first = cells.peer(name)
        self.orders = board.row_cells(<int> MASTER) + first
        self.facts = board.row_cells(cells.row) + first

    cdef bint ordered_away(self) noexcept:
        return self.orders != NULL and self.orders[<int> PEER_ORDER] != <uint64_t> ORDER_READY

    cdef void begin(self) noexcept:
        """One more exchange is on its way."""
        self.in_flight += 1
        if self.facts != NULL:
            self.facts[<int> PEER_ACTIVE] += 1
            self.facts[<int> PEER_REQUESTS] += 1

    cdef void end(self) noexcept:
        self.in_flight -= 1
        if self.facts != NULL:
            self.facts[<int> PEER_ACTIVE] -= 1

    cdef bint available(self, double now) noexcept:
        if self.down or self.ordered_away():
            return False
        if self.max_fails and self.fails >= self.max_fails and now - self.checked <= self.fail_timeout:
            return False
        return not self.max_conns or self.in_flight < self.max_conns

    cdef void failed(self, double now) noexcept:
        self.fails += 1
        if self.facts != NULL:
            self.facts[<int> PEER_FAILS] += 1
        self.accessed = self.checked = now
        if self.max_fails:
            self.effective_weight -= self.weight // self.max_fails
            if self.effective_weight < 0:
                self.effective_weight = 0

    cdef void worked(self) noexcept:
        if self.accessed < self.checked:
            self.fails = 0

    def __repr__(self):
        return f"<Peer {self.address.text.decode()}>"


cdef class Upstream:

    def __init__(self, str name not None, peers, backups=(), int keepalive=32,
                 long long keepalive_requests=1000, double keepalive_timeout=60.0,
                 double keepalive_time=3600.0):
        self.name = name
        self.peers = tuple(peers)
        self.backups = tuple(backups)
        self.keepalive = keepalive
        self.keepalive_requests = keepalive_requests
        self.keepalive_timeout = keepalive_timeout
        self.keepalive_time = keepalive_time
        self.idle = {}
        self.unresolved = []

    cdef Peer pick(self, list tried):
        """Return an available peer that is not in `tried`, or None."""
        cdef Peer only
        if len(self.peers) == 1 and not self.backups:
            # A lone peer is never marked down: there is nobody else to ask.
            only = <Peer> self.peers[0]
            if only.down or only.ordered_away() or (tried is not None and only in tried):
                return None
            if only.max_conns and only.in_flight >= only.max_conns:
                return None
            return only
        only = _heaviest(self.peers, tried)
        if only is None and self.backups:
            only = _heaviest(self.backups, tried)
        return only

    cdef Connection borrow(self, Peer peer):
        """Take an idle connection to the peer out of the pool, or return None."""
        cdef Connection found
        if not peer.idle:
            return None
        found = <Connection> peer.idle.pop()
        del self.idle[found]
        found.idle = False
        found.reused = True
        found.stream.sleeper = None
        found.stream.read_by = 0.0
        return found

    cdef int give_back(self, Connection connection) except -1:
        """Keep a connection whose last answer is complete, or close it."""
        cdef Stream stream = connection.stream
        cdef double now = poller.now
        cdef Connection oldest
        if (self.keepalive == 0 or not stream.quiet() or connection.requests >= self.keepalive_requests
                or now - connection.since > self.keepalive_time):
            connection.close()
            return 0
        if len(self.idle) >= self.keepalive:
            oldest = <Connection> next(iter(self.idle))
            self._forget(oldest)
            oldest.close()
        self.idle[connection] = None
        connection.peer.idle.append(connection)
        connection.idle = True
        stream.read_limit = 0.0
        stream.read_by = now + self.keepalive_timeout
        stream.sleeper = connection
        return 0

    cdef void _forget(self, Connection connection):
        if connection.idle:
            connection.idle = False
            self.idle.pop(connection, None)
            connection.peer.idle.remove(connection)

    def resolve_again(self):
        """Look up the names that had no address; at most once in a while. Waits."""
        if poller.now - self.resolved_at < LOOKUP_PAUSE:
            return
        self.resolved_at = poller.now
        found = []
        for host, port, make in list(self.unresolved):
            try:
                found += [make(address) for address in resolve(host, port)]
            except OSError:
                continue
            self.unresolved.remove((host, port, make))
        self.peers += tuple(found)

    def close(self):
        """Close what is idle; connections in use are closed when they come back."""
        self.keepalive = 0
        for connection in list(self.idle):
            self._forget(connection)
            (<Connection> connection).close()

    def __repr__(self):
        return f"<Upstream {self.name}>"


cdef Peer _heaviest(tuple peers, list tried):
    cdef Peer peer, best = None
    cdef int total = 0
    cdef double now = poller.now
    for found in peers:
        peer = <Peer> found
        if (tried is not None and peer in tried) or not peer.available(now):
            continue
        peer.current_weight += peer.effective_weight
        total += peer.effective_weight
        if peer.effective_weight < peer.weight:
            peer.effective_weight += 1
        if best is None or peer.current_weight > best.current_weight:
            best = peer
    if best is not None:
        best.current_weight -= total
        if now - best.checked > best.fail_timeout:
            best.checked = now
    return best
