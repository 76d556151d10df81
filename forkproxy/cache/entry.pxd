from libc.stdint cimport uint64_t

from forkproxy.core.exchange cimport Body
from forkproxy.net.poller cimport Lease
from forkproxy.shared.lmdb_calls cimport MDB_txn
from forkproxy.shared.tables cimport CacheStore
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.writer cimport Writer

cdef enum Flag:
    IN_FILE = 1             # the content is in a file beside the store
    SPLIT = 2               # no answer: it says by which fields the answers under this key vary
    NO_STALE = 4            # must-revalidate: never without asking
    ASK_FIRST = 8           # no-cache: each time
    HEAD_ONLY = 16          # of a HEAD that was passed on as such: no content
    IS_IMMUTABLE = 32
    PARTS = 64              # only parts of the content are in the file: its record has the extents
    ALONE = 128             # and they are not to be joined with others: of a 206 that was too short
    PINNED = 256            # not evicted; known to whoever writes to the store alone

# The front of an entry, as it lies in the store.
cdef struct Mark:
    unsigned int version
    unsigned short status
    unsigned short flags
    int slots                   # how many
    int lines                   # octets, like the following, in this order behind the slots
    int key
    int tags
    int reason
    int vary
    int etag
    int parts                   # how many extents stand for the content (PARTS)
    unsigned int boot           # with PARTS: the run of the machine in which they were written
    int unused
    unsigned long long seen     # of the fields
    unsigned long long identity  # of this entry: another one under the same key has another
    long long length            # of the content, all of it
    double born_at              # wall time when the origin made it: its age counts from here
    double stored_at
    double fresh_until          # and so the others, in wall time
    double updating_until       # stale-while-revalidate
    double error_until          # stale-if-error
    long long modified          # Last-Modified, in seconds; -1


cdef class Entry(Lease):
    """One stored answer: in the store's map until the next switch, then, or at first, in octets."""

    cdef Mark mark
    cdef bytes octets               # None while it is in the map
    cdef const char* data           # of the whole entry
    cdef Py_ssize_t size
    cdef CacheStore store           # whose map it is
    cdef MDB_txn* txn               # that keeps it there; NULL: it has ended
    cdef bint lent                  # somebody has a pointer into it
    cdef bytes field_text           # the lines of its fields, once somebody wanted them
    # Of one that cache.recent keeps: its key, what was counted of that, and until when it is good.
    cdef bytes place
    cdef uint64_t changes
    cdef double good_until

    cdef bint _open(self) noexcept              # False: these octets are no entry
    cdef long long _content(self) noexcept
    cdef Py_ssize_t _offset(self, int part) noexcept
    cdef bytes part(self, int part)
    cdef Fields fields(self)
    cdef Py_ssize_t front(self) noexcept        # octets before the content
    cdef void drop(self) noexcept               # the map is no longer needed
    cdef void come_out(self) noexcept           # be octets of our own, for good
    cdef bint in_map(self) noexcept
    cdef void _leave(self) noexcept

# The parts, for `part`.
cdef enum Part:
    SLOTS = 0
    LINES = 1
    KEY = 2
    TAGS = 3
    REASON = 4
    VARY = 5
    ETAG_PART = 6
    CONTENT = 7


cdef class EntryBody(Body):
    """The content of an entry."""

    cdef Entry entry
    cdef long long start            # in the content; 0 unless it was cut
    cdef Py_ssize_t used
    cdef bint parted                # it was cut: perhaps more than once

    cdef void _returned(self) noexcept

# None where the octets are no entry of this version, or not all of it.
cdef Entry entry_of(bytes octets)
# The entry under a key of a store; None: there is none.
cdef Entry entry_in_map(CacheStore store, bytes key)

cdef bytes pack(Mark* mark, Fields fields, bytes key, bytes tags, bytes reason, bytes vary,
                bytes etag)
# The same by scratch of one's own: where another thread than the hub's packs.
cdef bytes pack_by(Writer lines, Writer slots, Mark* mark, Fields fields, bytes key, bytes tags,
                   bytes reason, bytes vary, bytes etag)
# The same entry with another mark in front.
cdef bytes remarked(Entry entry, Mark* mark)
