"""Idle connections to peers: kept after an answer that was complete, borrowed for the next request.

Those that idle have no greenlet: something that comes on one, or its time being over, ends it.
"""

from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.shared.scoreboard cimport UPSTREAM_IDLE
from forkproxy.upstream.peer cimport Peer


cdef class Connection(Sleeper):

    cdef void woken(self, Stream stream) noexcept:
        """Something came on an idle connection: its end, or octets that nobody asked for."""
        try:
            if not stream.hung_up and not stream.plain() and stream.quiet():
                return          # TLS said something to itself: a ticket for the next session
        except OSError:
            pass
        self.pool._forget(self)
        self.close()

    cdef void expired(self, Stream stream) noexcept:
        self.pool._forget(self)
        self.close()

    cdef void close(self):
        self.stream.close()


cdef class Pool:

    def __init__(self, int most=32, long long requests=1000, double timeout=60.0,
                 double time=3600.0, bint local=False):
        self.most = most
        self.requests = requests
        self.timeout = timeout
        self.time = time
        self.local = local
        self.idle = {}

    cdef Connection made(self, Stream stream, Peer peer, object owner, tuple identity):
        """A new connection, in use; it is given back, or closed."""
        cdef Connection connection = Connection.__new__(Connection)
        connection.stream = stream
        connection.peer = peer
        connection.pool = self
        connection.owner = owner
        connection.identity = identity
        connection.since = poller.now
        return connection

    cdef Connection borrow(self, Peer peer, object owner, tuple identity):
        """Take the idle connection to the peer that was used last, or return None.

        It has met the peer with the same identity, by the same rules: plain and TLS never mix.
        """
        cdef Connection found = None
        cdef Py_ssize_t index = len(peer.idle)
        while index > 0:
            index -= 1
            found = <Connection> peer.idle[index]
            if (not self.local or found.owner is owner) and found.identity == identity:
                break
            found = None
        if found is None:
            return None
        self._forget(found)
        found.stream.sleeper = None
        found.stream.read_by = 0.0
        return found

    cdef int give_back(self, Connection connection) except -1:
        """Keep a connection whose last answer is complete, or close it."""
        cdef Stream stream = connection.stream
        cdef double now = poller.now
        cdef Connection oldest
        if (self.most == 0 or connection.personal or connection.peer.dropped
                or not stream.quiet()
                or connection.requests >= self.requests or now - connection.since > self.time):
            connection.close()
            return 0
        if len(self.idle) >= self.most:
            oldest = <Connection> next(iter(self.idle))
            self._forget(oldest)
            oldest.close()
        self.idle[connection] = None
        connection.peer.idle.append(connection)
        connection.idle = True
        connection.peer.idles(1)
        if self.counts is not None:
            self.counts.add(<int> UPSTREAM_IDLE)
        connection.used_at = now
        stream.read_limit = 0.0
        stream.read_by = now + self.timeout
        stream.sleeper = connection
        return 0

    cdef void _forget(self, Connection connection):
        if connection.idle:
            connection.idle = False
            connection.peer.idles(-1)
            if self.counts is not None:
                self.counts.add(<int> UPSTREAM_IDLE, -1)
            self.idle.pop(connection, None)
            connection.peer.idle.remove(connection)

    cdef int drop(self, Peer peer) except -1:
        """Close what idles to a peer that belongs to the upstream no more."""
        for connection in list(peer.idle):
            self._forget(<Connection> connection)
            (<Connection> connection).close()
        return 0

    def close(self):
        """Close what is idle; connections in use are closed when they come back."""
        self.most = 0
        for connection in list(self.idle):
            self._forget(<Connection> connection)
            (<Connection> connection).close()
