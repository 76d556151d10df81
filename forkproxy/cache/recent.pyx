"""What a process is asked for again and again, out of the store's map and at hand.

A look into the store is a transaction, some calls of Python and a walk down a tree: a tenth of what
a small hit costs. What is asked for twice in a row, of the keys that share a place in this table,
is copied. The copy is good as long as nothing is written under its key: who has written counts that
in shared memory. The writer may die before he counts, so a copy is used for a second at the most.
"""

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free

from forkproxy.cache.entry cimport Entry

DEF PLACES = 4096           # a power of two
DEF MOST = 8388608          # octets of all entries; more, and the table begins anew
DEF GOOD_FOR = 1.0          # seconds


cdef class Recent:

    def __cinit__(self):
        self.places = [None] * PLACES
        self.asked = <uint64_t*> calloc(PLACES, sizeof(uint64_t))
        if self.asked == NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self.asked)

    cdef Entry get(self, bytes key, uint64_t number, uint64_t changes, double now):
        cdef Py_ssize_t place = number & (PLACES - 1)
        cdef Entry found = <Entry> self.places[place]
        if found is None or found.place != key:
            return None
        if found.changes != changes or now >= found.good_until:
            self._clear(place, found)
            return None
        return found

    cdef int offer(self, Entry entry, bytes key, uint64_t number, uint64_t changes,
                   double now) except -1:
        cdef Py_ssize_t place = number & (PLACES - 1)
        if self.asked[place] != number:
            self.asked[place] = number
            return 0
        if self.octets + entry.size > MOST:
            self.places = [None] * PLACES
            self.octets = 0
        entry.come_out()
        entry.place = key
        entry.changes = changes
        entry.good_until = now + GOOD_FOR
        self._clear(place, <Entry> self.places[place])
        self.places[place] = entry
        self.octets += entry.size
        return 0

    cdef void _clear(self, Py_ssize_t place, Entry found) noexcept:
        if found is not None:
            self.octets -= found.size
            self.places[place] = None
