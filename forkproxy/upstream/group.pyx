"""Groups of peers."""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free, malloc

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

    def __dealloc__(self):
        free(self.standings)
        free(self.equals)
        free(self.sums)

    cdef int regroup(self, tuple peers) except -1:
        """Be these peers from now on, or the same with other weights."""
        cdef Py_ssize_t index, count = len(peers)
        cdef Standing** standings = <Standing**> malloc((count + 1) * sizeof(Standing*))
        cdef Py_ssize_t* equals = <Py_ssize_t*> malloc((count + 1) * sizeof(Py_ssize_t))
        cdef int64_t* sums = <int64_t*> malloc((count + 1) * sizeof(int64_t))
        if standings == NULL or equals == NULL or sums == NULL:
            free(standings)
            free(equals)
            free(sums)
            raise MemoryError()
        free(self.standings)
        free(self.equals)
        free(self.sums)
        self.standings = standings
        self.equals = equals
        self.sums = sums
        self.peers = peers              # they keep the standings alive
        self.count = count
        self.total_weight = 0
        self.sessions = {}
        for index in range(count):
            peer = <Peer?> peers[index]
            self.total_weight += (<Peer> peer).weight()
            self.sessions.setdefault((<Peer> peer).session, peer)
            standings[index] = &(<Peer> peer).standing
            sums[index] = self.total_weight
        if self.weights_given != NULL:
            self.weights_seen = self.weights_given[0]
        return 0

    cdef bint stale(self) noexcept:
        return self.weights_given != NULL and self.weights_given[0] != self.weights_seen


cdef Peer by_weight(Group group, uint64_t drawn):
    cdef int64_t left = <int64_t> (drawn % <uint64_t> group.total_weight)
    cdef Py_ssize_t low = 0, high = group.count - 1, middle
    while low < high:
        middle = (low + high) // 2
        if group.sums[middle] <= left:
            low = middle + 1
        else:
            high = middle
    return <Peer> group.peers[low]


cdef bint was_tried(list tried, Peer peer) noexcept:
    """Whether a request has asked this peer already."""
    cdef Py_ssize_t index
    if tried is None:
        return False
    for index in range(len(tried)):
        if tried[index] is peer:
            return True
    return False
