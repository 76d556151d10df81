"""Groups of peers."""

from forkproxy.shared.scoreboard cimport MASTER, WEIGHTS_GIVEN, Scoreboard
from forkproxy.upstream.peer cimport Peer


cdef class Group:

    def __init__(self, peers=()):
        self.regroup(tuple(peers))

    def attach(self, cells):
        """Notice the weights that the master orders on a scoreboard (shared.cells.Cells)."""
        self.board = cells.board
        cdef Scoreboard board = <Scoreboard?> cells.board
        self.weights_given = board.row_cells(<int> MASTER) + <int> WEIGHTS_GIVEN

    cdef int regroup(self, tuple peers) except -1:
        """Be these peers from now on, or the same with other weights."""
        self.peers = peers
        self.count = len(peers)
        self.total_weight = 0
        self.sessions = {}
        for peer in peers:
            self.total_weight += (<Peer?> peer).weight()
            self.sessions.setdefault((<Peer> peer).session, peer)
        if self.weights_given != NULL:
            self.weights_seen = self.weights_given[0]
        return 0

    cdef bint stale(self) noexcept:
        return self.weights_given != NULL and self.weights_given[0] != self.weights_seen


cdef bint was_tried(list tried, Peer peer) noexcept:
    """Whether a request has asked this peer already."""
    cdef Py_ssize_t index
    if tried is None:
        return False
    for index in range(len(tried)):
        if tried[index] is peer:
            return True
    return False
