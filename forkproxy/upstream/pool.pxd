from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.shared.tally cimport Tally
from forkproxy.upstream.peer cimport Peer


cdef class Connection(Sleeper):
    """A connection to a peer: in use, or idle in a pool."""

    cdef readonly Stream stream
    cdef readonly Peer peer
    cdef Pool pool
    cdef object owner                   # the location that it was opened for
    cdef tuple identity                 # what upstream.secure met the peer with; None: no TLS
    cdef long long requests             # that it has carried
    cdef double since                   # monotonic, of the connect
    cdef double used_at                 # monotonic, when it was given back
    cdef bint personal                  # opened as whom variables say: it serves nobody else
    cdef bint idle

    cdef void close(self)


cdef class Pool:
    """The idle connections to the peers of one upstream, in one worker."""

    cdef readonly int most              # connections; 0: none are kept
    cdef readonly bint local            # each only for the location that opened it
    cdef readonly long long requests    # of one connection
    cdef readonly double timeout        # seconds that it may idle
    cdef readonly double time           # seconds that it may live
    cdef public Tally counts            # of the upstream; None: nobody asks for them
    cdef dict idle                      # Connection to None, in the order of their last use

    cdef Connection made(self, Stream stream, Peer peer, object owner, tuple identity)
    cdef Connection borrow(self, Peer peer, object owner, tuple identity)
    cdef int give_back(self, Connection connection) except -1
    cdef int drop(self, Peer peer) except -1
    cdef void _forget(self, Connection connection)
