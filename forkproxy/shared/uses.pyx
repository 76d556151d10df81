"""Who is asked for, and how often: what eviction, `inactive` and min_uses go by.

One word a key: a tag of its number, a count that stops at MOST_USES, the second of the last use.
A set of eight is one cache line; where it is full, the word least used gives way, so a scan of keys
that come once pushes out other such keys. Stores are plain: two that meet lose one count, which
nobody will miss. A key whose word was lost begins anew.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t, uint64_t

from forkproxy.shared.memory cimport SharedMemory, load, number_of, store
from forkproxy.shared.prefetch cimport prefetch

DEF WAYS = 8
DEF MOST_USES = 255
cdef uint64_t TAG = 0xFFFFFF0000000000ULL       # 24 bits, then 8 of the count, then 32 of the time


cdef class Uses:

    def __init__(self, Py_ssize_t octets):
        """Take the room for a table: about one key for each eight octets."""
        cdef uint64_t sets = 16
        while 2 * sets * WAYS * sizeof(uint64_t) <= <uint64_t> octets:
            sets *= 2
        self.sets = sets - 1
        self.memory = SharedMemory(sets * WAYS)

    cdef void expect(self, uint64_t number) noexcept nogil:
        prefetch(self.memory.words + (number & self.sets) * WAYS, WAYS * sizeof(uint64_t))

    cdef int touch(self, uint64_t number, uint32_t now) noexcept nogil:
        cdef uint64_t* words = self.memory.words + (number & self.sets) * WAYS
        cdef uint64_t tag = _tag(number), word, least = 0xFFFFFFFFFFFFFFFFULL
        cdef int index, worst = 0, count
        for index in range(WAYS):
            word = load(words + index)
            if (word & TAG) == tag:
                count = min(<int> ((word >> 32) & 0xFF) + 1, MOST_USES)
                store(words + index, tag | (<uint64_t> count << 32) | now)
                return count
            word &= ~TAG                        # rarely used first, then long ago
            if word < least:
                least = word
                worst = index
        store(words + worst, tag | (1ULL << 32) | now)
        return 1

    cdef int look(self, uint64_t number, uint32_t* last) noexcept nogil:
        cdef uint64_t* found = _find(self, number)
        cdef uint64_t word = 0 if found == NULL else load(found)
        last[0] = <uint32_t> word
        return <int> ((word >> 32) & 0xFF)

    cdef void halve(self, uint64_t number) noexcept nogil:
        cdef uint64_t* found = _find(self, number)
        cdef uint64_t word
        if found != NULL:
            word = load(found)
            store(found, (word & (TAG | 0xFFFFFFFFULL)) | (((word >> 33) & 0x7F) << 32))

    def note(self, bytes key not None, uint32_t now):
        """Note one more use of a key; return how many there were."""
        return self.touch(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)), now)

    def known(self, bytes key not None):
        """Return how many uses of a key are known, and when the last one was."""
        cdef uint32_t last = 0
        count = self.look(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)), &last)
        return count, last

    def fade(self, bytes key not None):
        """Halve the count of a key's uses."""
        self.halve(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))


cdef uint64_t _tag(uint64_t number) noexcept nogil:
    """The number's upper bits; never 0, which is an empty word's."""
    cdef uint64_t tag = number & TAG
    return tag if tag else 1ULL << 63


cdef uint64_t* _find(Uses self, uint64_t number) noexcept nogil:
    cdef uint64_t* words = self.memory.words + (number & self.sets) * WAYS
    cdef uint64_t tag = _tag(number)
    cdef int index
    for index in range(WAYS):
        if (load(words + index) & TAG) == tag:
            return words + index
    return NULL
