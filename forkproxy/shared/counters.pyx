"""Limits that hold over all workers: bounded tables in shared memory, changed by compare-and-swap.

A table is made by the master before it forks and lives on over a reload, by its name and size. It
is an array of buckets of 256 octets: a lock, 15 tags, 15 states. A key's bucket follows from its
tag. To find a key and to change its state takes no lock; the lock is for putting a key into a
bucket, so that two workers cannot put it there twice. Where a bucket is full the oldest goes.

A slot may be taken from its key while another process is about to change the state. So who takes it
changes the state first and the tag then, and who changes a state looks at the tag again.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.errno cimport ESRCH, errno
from posix.unistd cimport getpid

import os
import weakref

from forkproxy.shared.atomics cimport word_add, word_load, word_store, word_swap
from forkproxy.shared.pages cimport release_pages, share_pages
from forkproxy.shared.tag cimport tag_of

cdef extern from "<sched.h>" nogil:
    int sched_yield()

cdef extern from "<signal.h>" nogil:
    int c_kill "kill" (int pid, int signal)

cdef enum:
    ROWS = 520              # of the scoreboard: who may hold something
    SPINS = 100             # looks at a lock before others get the processor
    PATIENCE = 1000         # turns of others before the lock's owner is looked at
    LONGEST = 200           # looks at the owner before the lock is taken from it

cdef uint64_t TAKEN = 1ULL << 63       # a count's state while its slot goes to another key

cdef int own_row = 0
cdef object tables = weakref.WeakValueDictionary()


def enter(int row):
    """Count from now on as the writer of a row of the scoreboard."""
    global own_row
    if not 0 <= row < ROWS:
        raise IndexError(f"no row {row} in the tables of counters")
    own_row = row


def bury(int row):
    """Give back what a dead writer had in hand, in every table."""
    for table in list(tables.values()):
        if isinstance(table, CountTable):
            (<CountTable> table).bury(row)


def table(type kind not None, str name not None, size_t size):
    """Return the table of that kind, name and size: an earlier configuration's, or a new one."""
    found = tables.get((kind, name, size))
    if found is None:
        found = tables[kind, name, size] = kind(name, size)
    return found


def tables_of(type kind not None):
    """Return the tables of a kind that are in use."""
    return [found for found in list(tables.values()) if type(found) is kind]


cdef void* shared_memory(size_t length) except NULL:
    cdef void* found = share_pages(length)
    if found == NULL:
        raise OSError(errno, f"no shared memory: {os.strerror(errno)}")
    return found


cdef class Table:

    def __cinit__(self, str name not None, size_t size):
        self.name = name
        self.size = size
        self.buckets = size // (WORDS * sizeof(uint64_t))
        if self.buckets == 0:
            raise ValueError("a table has room for one bucket at least")
        self.slots = self.buckets * SLOTS
        self.memory = <uint64_t*> shared_memory(self.buckets * WORDS * sizeof(uint64_t))

    def __dealloc__(self):
        if self.memory != NULL:
            release_pages(self.memory, self.buckets * WORDS * sizeof(uint64_t))

    def __repr__(self):
        return f"<{type(self).__name__} {self.name}>"

    def __len__(self):
        """Count the keys, by looking at every slot."""
        cdef size_t bucket
        cdef int slot
        cdef Py_ssize_t found = 0
        for bucket in range(self.buckets):
            for slot in range(SLOTS):
                if word_load(self.memory + bucket * WORDS + FIRST + slot):
                    found += 1
        return found

    def asked(self):
        """Return how often a key was put in, and how often another had to go, or there was none."""
        cdef size_t bucket
        cdef uint64_t word, asked = 0, full = 0
        for bucket in range(self.buckets):
            word = word_load(self.memory + bucket * WORDS + ASKED)
            asked += word & 0xffffffff
            full += word >> 32
        return asked, full

    def ask_anew(self):
        """Count that anew."""
        cdef size_t bucket
        for bucket in range(self.buckets):
            word_store(self.memory + bucket * WORDS + ASKED, 0)

    cdef uint64_t* _bucket(self, uint64_t tag) noexcept:
        return self.memory + ((tag >> 32) * self.buckets >> 32) * WORDS

    cdef Py_ssize_t place(self, uint64_t* state) noexcept:
        cdef Py_ssize_t word = state - self.memory
        return word // WORDS * SLOTS + word % WORDS - STATES

    cdef uint64_t* find(self, uint64_t tag) noexcept:
        cdef uint64_t* bucket = self._bucket(tag)
        cdef int slot
        for slot in range(SLOTS):
            if word_load(bucket + FIRST + slot) == tag:
                return bucket + STATES + slot
        return NULL

    cdef bint insert(self, uint64_t tag, uint64_t fresh) noexcept:
        cdef uint64_t* bucket = self._bucket(tag)
        _lock(bucket)
        self._choose(bucket, tag, fresh)
        word_store(bucket, 0)
        return self.find(tag) != NULL

    cdef void _choose(self, uint64_t* bucket, uint64_t tag, uint64_t fresh) noexcept:
        """Put a key into the first empty slot, else into that of the oldest. The lock is held."""
        cdef int slot, best = -1
        cdef uint64_t age, seen, oldest = 0
        for slot in range(SLOTS):
            if bucket[FIRST + slot] == tag:
                return
            if bucket[FIRST + slot] == 0:
                age = 1ULL << 63
            else:
                age = self.age(word_load(bucket + STATES + slot), fresh)
            if age > oldest:
                oldest = age
                best = slot
        bucket[ASKED] += 1 if oldest == 1ULL << 63 else 1 + (1ULL << 32)
        if best >= 0 and self.clear(bucket + STATES + best, fresh):
            word_store(bucket + FIRST + best, tag)
            seen = TAKEN
            word_swap(bucket + STATES + best, &seen, fresh)

    cdef uint64_t age(self, uint64_t state, uint64_t fresh) noexcept:
        return 0

    cdef bint clear(self, uint64_t* state, uint64_t fresh) noexcept:
        return False


cdef void _lock(uint64_t* bucket) noexcept:
    """Take a bucket's lock; also from an owner that died with it."""
    cdef uint64_t seen
    cdef uint64_t me = <uint64_t> getpid()
    cdef int turn = 0, rounds = 0
    while True:
        seen = 0
        if word_swap(bucket, &seen, me):
            return
        turn += 1
        if turn > SPINS:
            sched_yield()
        if turn > PATIENCE:
            turn = SPINS
            rounds += 1
            # Its number may be another process's by now: so nobody holds it for long.
            if c_kill(<int> seen, 0) < 0 and errno == ESRCH or rounds > LONGEST:
                if word_swap(bucket, &seen, me):
                    _mend(bucket)
                    return


cdef void _mend(uint64_t* bucket) noexcept:
    """Make slots usable that a dead process had begun to take."""
    cdef int slot
    for slot in range(SLOTS):
        if word_load(bucket + STATES + slot) == TAKEN:
            word_store(bucket + FIRST + slot, 0)
            word_store(bucket + STATES + slot, 0)


cdef class CountTable(Table):

    def __cinit__(self, str name not None, size_t size):
        self.held = <uint32_t*> shared_memory(ROWS * self.slots * sizeof(uint32_t))

    def __dealloc__(self):
        if self.held != NULL:
            release_pages(self.held, ROWS * self.slots * sizeof(uint32_t))

    cdef uint64_t age(self, uint64_t state, uint64_t fresh) noexcept:
        return 1 if state == 0 else 0

    cdef bint clear(self, uint64_t* state, uint64_t fresh) noexcept:
        cdef uint64_t seen = 0
        return word_swap(state, &seen, TAKEN)

    cdef Py_ssize_t acquire(self, uint64_t tag, uint64_t most) noexcept:
        cdef uint64_t* state
        cdef uint64_t seen
        cdef Py_ssize_t place
        while True:
            state = self.find(tag)
            if state == NULL:
                if not self.insert(tag, 0):
                    return FULL
                continue
            seen = word_load(state)
            if seen == TAKEN:
                continue                # it is going to another key: look again
            if seen >= most:
                return REFUSED
            if not word_swap(state, &seen, seen + 1):
                continue
            if word_load(state + FIRST - STATES) == tag:
                break
            word_add(state, <uint64_t> -1)
        place = self.place(state)
        self.held[own_row * self.slots + place] += 1
        return place

    cdef void release(self, Py_ssize_t place) noexcept:
        self.held[own_row * self.slots + place] -= 1
        word_add(self._state(place), <uint64_t> -1)

    cdef uint64_t* _state(self, Py_ssize_t place) noexcept:
        return self.memory + place // SLOTS * WORDS + STATES + place % SLOTS

    def bury(self, int row):
        """Give back what a dead worker held."""
        cdef size_t place
        cdef uint32_t* held = self.held + row * self.slots
        for place in range(self.slots):
            if held[place]:
                word_add(self._state(place), <uint64_t> -<int64_t> held[place])
                held[place] = 0

    def count(self, bytes key not None):
        """Return how many there are of a key."""
        cdef uint64_t* state = self.find(tag_of(key))
        return 0 if state == NULL else word_load(state) & ~TAKEN

    def acquired(self, bytes key not None, uint64_t most):
        """Count one more; return its place, or REFUSED or FULL."""
        return self.acquire(tag_of(key), most)

    def released(self, Py_ssize_t place):
        """Give back what `acquired` returned."""
        if not 0 <= place < <Py_ssize_t> self.slots:
            raise IndexError(f"no place {place}")
        self.release(place)
