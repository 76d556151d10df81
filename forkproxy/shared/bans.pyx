"""Who is refused for a time: in memory that all processes share, so that it holds in all at once.

Each zone of limits has one table. Where a bucket is full, the ban that ends first goes.
"""

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

from forkproxy.clock cimport monotonic_ns
from forkproxy.shared.atomics cimport word_load, word_store
from forkproxy.shared.counters cimport shared_memory
from forkproxy.shared.instants cimport InstantTable
from forkproxy.shared.counters import table, tables_of
from forkproxy.shared.tag cimport tag_of

DEF ROOM = 64               # octets for a key's length and the key
DEF SIZE = 1 << 20          # octets of each table: 61,440 bans
DEF SECOND = 1000000000     # nanoseconds


cdef class BanTable(InstantTable):

    def __cinit__(self, str name not None, size_t size):
        self.keys = <unsigned char*> shared_memory(self.slots * ROOM)

    cdef int64_t left(self, uint64_t tag, int64_t now) noexcept:
        cdef uint64_t* state = self.find(tag)
        return 0 if state == NULL else max(<int64_t> word_load(state) - now, 0)

    cdef int ban(self, uint64_t tag, bytes key, int64_t until) except -1:
        cdef uint64_t* state
        cdef unsigned char* shown
        self.insert(tag, until)
        state = self.find(tag)
        if state == NULL:
            return 0            # another key has just taken its slot
        word_store(state, until)
        shown = self.keys + self.place(state) * ROOM
        memcpy(shown + 1, <const char*> key, min(len(key), ROOM - 1))
        shown[0] = min(len(key), ROOM - 1)
        return 0

    def shown(self, uint64_t tag):
        """Return the key that a tag stands for; a long one is cut."""
        cdef uint64_t* state = self.find(tag)
        cdef unsigned char* shown
        if state == NULL:
            return b""
        shown = self.keys + self.place(state) * ROOM
        return <bytes> shown[1:1 + shown[0]]

    def banned(self):
        """Return (tag, key, seconds left) of each ban; long keys are cut."""
        cdef int64_t now = monotonic_ns()
        return [(tag, self.shown(tag), (until - now) / <double> SECOND)
                for tag, until in self.after(now).items()]

    def add(self, bytes key not None, double seconds):
        """Refuse a key for so long from now on."""
        self.ban(tag_of(key), key, monotonic_ns() + <int64_t> (seconds * SECOND))

    def restore(self, uint64_t tag, bytes shown not None, double seconds):
        """Refuse a key by its tag, and show it so."""
        self.ban(tag, shown, monotonic_ns() + <int64_t> (seconds * SECOND))

    def lift(self, uint64_t tag):
        """Let a key in again by its tag; return whether it was banned."""
        cdef uint64_t* state = self.find(tag)
        if state == NULL or <int64_t> word_load(state) <= monotonic_ns():
            return False
        word_store(state, 0)
        return True


def of(str zone not None):
    """Return the bans of a zone of limits, made where they are new."""
    return table(BanTable, zone, SIZE)


def every():
    """Return the tables that are in use, by the name of their zone."""
    return {found.name: found for found in tables_of(BanTable)}
