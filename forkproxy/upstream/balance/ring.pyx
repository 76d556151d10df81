"""hash … consistent: ketama, with exactly the points of nginx and Cache::Memcached::Fast.

Each server has 160 points for each unit of its weight on a ring of 32 bits; a key belongs to the
next point. So a server that comes or goes moves only the keys that are, or will be, its own.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc, qsort

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression
from forkproxy.upstream.balance.crc32 cimport CRC_BEGIN, crc_add, crc_end
from forkproxy.upstream.balance.policy cimport Policy, smooth
from forkproxy.upstream.group cimport Group
from forkproxy.upstream.peer cimport Peer

DEF POINTS = 160        # of each unit of weight
DEF TRIES = 20          # points until round robin decides


cdef struct Point:
    uint32_t at
    uint32_t server         # an index of `servers`


cdef class Ring(Policy):

    cdef Expression key
    cdef Point* points
    cdef Py_ssize_t count
    cdef list servers       # a Group for each server line: its peers take turns

    def __init__(self, Expression key not None):
        self.key = key
        self.servers = []

    def __dealloc__(self):
        free(self.points)

    cdef Peer choose(self, Group group, Exchange exchange, list tried):
        cdef bytes key = self.key.evaluate(exchange)
        cdef Py_ssize_t at
        cdef int draw
        cdef Peer peer
        if group.count < 2 or not key or self.count == 0:
            return smooth(group, tried)
        at = self._first(crc_end(crc_add(<uint32_t> CRC_BEGIN, PyBytes_AS_STRING(key),
                                         PyBytes_GET_SIZE(key))))
        for draw in range(TRIES + 1):
            peer = smooth(<Group> self.servers[self.points[(at + draw) % self.count].server], tried)
            if peer is not None:
                return peer
        return smooth(group, tried)

    cdef Py_ssize_t _first(self, uint32_t hash) noexcept:
        """The first point at or behind a hash; `count` where there is none."""
        cdef Py_ssize_t low = 0, high = self.count, middle
        while low < high:
            middle = (low + high) // 2
            if self.points[middle].at < hash:
                low = middle + 1
            else:
                high = middle
        return low

    cdef int regroup(self, Group group) except -1:
        cdef dict lines = {}
        cdef Point* made
        cdef Py_ssize_t used = 0
        for peer in group.peers:
            lines.setdefault((<Peer> peer).name, []).append(peer)
        made = <Point*> malloc(max(1, group.total_weight) * POINTS * sizeof(Point))
        if made == NULL:
            raise MemoryError()
        free(self.points)
        self.points = made
        self.servers = [Group(peers) for peers in lines.values()]
        for number, (name, peers) in enumerate(lines.items()):
            for peer in peers:
                used = _place(made, used, name, number, (<Peer> peer).weight())
        qsort(made, used, sizeof(Point), _order)
        self.count = _without_doubles(made, used)
        return 0


cdef Py_ssize_t _place(Point* points, Py_ssize_t used, bytes name, uint32_t number, int weight):
    """Add the points of one peer: crc32(HOST \\0 PORT PREVIOUS)."""
    cdef bytes host = name, port = b""
    cdef bytes before, after
    cdef uint32_t base, previous = 0
    cdef unsigned char octets[4]
    cdef int _index
    if name[:5].lower() == b"unix:":
        host = name[5:]
    else:
        before, mark, after = name.rpartition(b":")
        if mark and (after.isdigit() or not after):
            host, port = before, after
    base = crc_add(<uint32_t> CRC_BEGIN, PyBytes_AS_STRING(host), PyBytes_GET_SIZE(host))
    base = crc_add(base, b"\0", 1)
    base = crc_add(base, PyBytes_AS_STRING(port), PyBytes_GET_SIZE(port))
    for _index in range(weight * POINTS):
        octets[0] = previous & 0xFF
        octets[1] = (previous >> 8) & 0xFF
        octets[2] = (previous >> 16) & 0xFF
        octets[3] = (previous >> 24) & 0xFF
        previous = crc_end(crc_add(base, <char*> octets, 4))
        points[used].at = previous
        points[used].server = number
        used += 1
    return used


cdef int _order(const void* one, const void* other) noexcept nogil:
    cdef Point* first = <Point*> one
    cdef Point* second = <Point*> other
    if first.at != second.at:
        return -1 if first.at < second.at else 1
    # The earlier server keeps a point that two have, as a stable sort has it.
    return (first.server > second.server) - (first.server < second.server)


cdef Py_ssize_t _without_doubles(Point* points, Py_ssize_t count) noexcept:
    cdef Py_ssize_t kept = 0, index
    for index in range(count):
        if kept == 0 or points[kept - 1].at != points[index].at:
            points[kept] = points[index]
            kept += 1
    return kept
