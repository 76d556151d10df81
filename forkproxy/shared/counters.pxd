from libc.stdint cimport int64_t, uint32_t, uint64_t


cdef class Table:
    """A bounded number of keys with a state each, in memory that all processes share.

    A key is known by a tag: 64 bits of a secret hash, which lets no client make two meet.
    """

    cdef readonly str name
    cdef readonly size_t size           # octets, as configured
    cdef readonly size_t buckets
    cdef readonly size_t slots          # keys in all
    cdef uint64_t* memory
    cdef object __weakref__

    cdef uint64_t* find(self, uint64_t tag) noexcept        # its state; NULL: not there
    cdef bint insert(self, uint64_t tag, uint64_t fresh) noexcept   # False: no room
    # Whether a state may give way to another key, and how gladly: 0: not at all. The lock is held.
    cdef uint64_t age(self, uint64_t state, uint64_t fresh) noexcept
    # Take a slot from its key; False where it has just become busy.
    cdef bint clear(self, uint64_t* state, uint64_t fresh) noexcept
    cdef Py_ssize_t place(self, uint64_t* state) noexcept   # a slot's number, from 0
    cdef uint64_t* _bucket(self, uint64_t tag) noexcept
    cdef void _choose(self, uint64_t* bucket, uint64_t tag, uint64_t fresh) noexcept


cdef class CountTable(Table):
    """How many there are of each key now. Keys that have none make room for others."""

    cdef uint32_t* held                 # by each worker, so that its death gives them back

    # Where one more is counted, to be given to `release`; REFUSED where there are `most`, FULL
    # where there is no room for another key.
    cdef Py_ssize_t acquire(self, uint64_t tag, uint64_t most) noexcept
    cdef void release(self, Py_ssize_t place) noexcept
    cdef uint64_t* _state(self, Py_ssize_t place) noexcept


cdef enum:
    SLOTS = 15              # of a bucket
    FIRST = 1               # the word of the first tag; the lock is before it
    ASKED = 16              # how often a key was put in; above 32 bits: where there was no room
    STATES = 17             # the word of the first state
    WORDS = 32              # of a bucket
    REFUSED = -1
    FULL = -2

cdef void* shared_memory(size_t length) except NULL
