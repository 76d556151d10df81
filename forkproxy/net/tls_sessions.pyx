"""The session cache that all workers share: what `ssl_session_cache shared:NAME:SIZE` asks for.

A table in anonymous shared memory, made by the master before it forks and kept over reloads. An id
leads to a few neighbouring slots, of which the one that ends first is given away when all are
taken. A writer takes a slot by compare-and-swap and gives up where another has it; a reader copies
and then looks whether it was disturbed. So nobody ever waits; a lost session is a full handshake.
"""

from libc.errno cimport errno
from libc.stdint cimport uint64_t
from libc.string cimport memcmp, memcpy

import os

from forkproxy.clock cimport wall

cdef extern from "<sys/mman.h>" nogil:
    int PROT_READ
    int PROT_WRITE
    int MAP_SHARED
    int MAP_ANONYMOUS
    void* MAP_FAILED
    void* mmap(void* address, size_t length, int protection, int flags, int fd, long offset)
    int munmap(void* address, size_t length)

cdef extern from *:
    """
    #define fp_load(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
    #define fp_store(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    #define fp_fence() __atomic_thread_fence(__ATOMIC_ACQUIRE)
    static int fp_take(uint64_t *at, uint64_t seen) {
        return __atomic_compare_exchange_n(at, &seen, seen + 1, 0, __ATOMIC_ACQ_REL,
                                           __ATOMIC_RELAXED);
    }
    """
    uint64_t fp_load(uint64_t* at) nogil
    void fp_store(uint64_t* at, uint64_t value) nogil
    void fp_fence() nogil
    int fp_take(uint64_t* at, uint64_t seen) nogil

DEF WAYS = 8                # slots that an id may be in
DEF SMALL_ROOM = 440        # a session without a client's certificate has about 150 octets
DEF LARGE_ROOM = 4032       # with one, and its chain
SMALLEST = 131072           # octets: below that the shelves have no slots to speak of


cdef class Shelf:

    def __init__(self, Py_ssize_t room):
        self.room = room
        self.stride = sizeof(Slot) + room

    cdef Slot* slot(self, Py_ssize_t index) noexcept:
        return <Slot*> (self.slots + index * self.stride)

    cdef Py_ssize_t first(self, const unsigned char* id, unsigned int length) noexcept:
        """The first of the slots that an id may be in. Ids are random: that is hash enough."""
        cdef uint64_t number = 0
        memcpy(&number, id, min(length, sizeof(number)))
        return <Py_ssize_t> (number % <uint64_t> (self.count // WAYS)) * WAYS


cdef class SessionCache:

    def __cinit__(self, str name not None, size_t size):
        cdef void* found
        if size < <size_t> SMALLEST:
            raise ValueError(f"a session cache has at least {SMALLEST} octets")
        self.name = name
        self.size = size
        self.small = Shelf(SMALL_ROOM)
        self.large = Shelf(LARGE_ROOM)
        # Most sessions are small: these have three quarters of the room.
        self.small.count = <Py_ssize_t> (size * 3 // 4) // self.small.stride // WAYS * WAYS
        self.large.count = max(WAYS, <Py_ssize_t> (size // 4) // self.large.stride // WAYS * WAYS)
        size = self.small.count * self.small.stride + self.large.count * self.large.stride
        found = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
        if found == MAP_FAILED:
            raise OSError(errno, f"no room for the session cache: {os.strerror(errno)}")
        self.memory = <char*> found
        self.small.slots = self.memory
        self.large.slots = self.memory + self.small.count * self.small.stride

    def __dealloc__(self):
        if self.memory != NULL:
            munmap(self.memory, self.small.count * self.small.stride
                   + self.large.count * self.large.stride)

    cdef int put(self, const unsigned char* id, unsigned int id_length, const unsigned char* octets,
                 Py_ssize_t length, double until) noexcept:
        """Keep a session until then; return whether it was kept."""
        cdef Shelf shelf = self.small if length <= self.small.room else self.large
        cdef Py_ssize_t start, index
        cdef Slot* slot
        cdef Slot* chosen = NULL
        cdef uint64_t now = <uint64_t> wall(), seen
        if length > shelf.room or id_length == 0 or id_length > 32:
            return 0
        start = shelf.first(id, id_length)
        for index in range(start, start + WAYS):
            slot = shelf.slot(index)
            if slot.until <= now:
                chosen = slot
                break
            if chosen == NULL or slot.until < chosen.until:
                chosen = slot
        seen = fp_load(&chosen.lock)
        if seen & 1 or not fp_take(&chosen.lock, seen):
            return 0
        chosen.until = <uint64_t> until
        chosen.id_length = id_length
        chosen.length = <unsigned int> length
        memcpy(chosen.id, id, id_length)
        memcpy(<char*> chosen + sizeof(Slot), octets, length)
        fp_store(&chosen.lock, seen + 2)
        return 1

    cdef Py_ssize_t get(self, const unsigned char* id, unsigned int id_length, unsigned char* into,
                        Py_ssize_t room) noexcept:
        """Copy a session; return its length, 0 where it is not there or has ended."""
        cdef uint64_t now = <uint64_t> wall(), seen
        cdef Py_ssize_t length
        cdef Slot* slot = self._find(id, id_length)
        if slot == NULL:
            return 0
        seen = fp_load(&slot.lock)
        length = slot.length
        if seen & 1 or slot.until <= now or length > room or not _has(slot, id, id_length):
            return 0
        memcpy(into, <char*> slot + sizeof(Slot), length)
        fp_fence()
        return length if fp_load(&slot.lock) == seen else 0

    cdef Slot* _find(self, const unsigned char* id, unsigned int id_length) noexcept:
        cdef Shelf shelf
        cdef Py_ssize_t start, index
        if id_length == 0 or id_length > 32:
            return NULL
        for shelf in (self.small, self.large):
            start = shelf.first(id, id_length)
            for index in range(start, start + WAYS):
                if _has(shelf.slot(index), id, id_length):
                    return shelf.slot(index)
        return NULL

    cdef void remove(self, const unsigned char* id, unsigned int id_length) noexcept:
        """Forget a session."""
        cdef Slot* slot = self._find(id, id_length)
        cdef uint64_t seen
        if slot == NULL:
            return
        seen = fp_load(&slot.lock)
        if seen & 1 or not fp_take(&slot.lock, seen):
            return
        slot.until = 0
        slot.id_length = 0
        fp_store(&slot.lock, seen + 2)

    def store(self, bytes id not None, bytes octets not None, double until):
        """Keep a session until that instant (wall seconds); return whether it was kept."""
        return bool(self.put(id, len(id), octets, len(octets), until))

    def find(self, bytes id not None):
        """Return the octets of a session, or None."""
        cdef unsigned char[LARGE_ROOM] octets
        cdef Py_ssize_t length = self.get(id, len(id), octets, LARGE_ROOM)
        return octets[:length] if length else None

    def forget(self, bytes id not None):
        """Drop a session."""
        self.remove(id, len(id))


cdef bint _has(Slot* slot, const unsigned char* id, unsigned int length) noexcept:
    return slot.id_length == length and memcmp(slot.id, id, length) == 0


# By name, in the master: the next generation goes on with the cache of the last.
cdef dict kept = {}


def shared_cache(str name not None, size_t size):
    """Return the cache of a name, the same one as long as this process lives and its size stays."""
    found = kept.get((name, size))
    if found is None:
        found = kept[name, size] = SessionCache(name, size)
    return found
