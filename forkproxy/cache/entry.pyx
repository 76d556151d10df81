"""A stored answer as one run of octets: a mark of fixed size, its head, its content.

The head is kept in the form in which it is used: field lines one behind the other, and the table
that says where each is. So a hit makes no object for each field, and parses nothing. The version in
front changes with the layout and with the numbers of the fields' names; entries of another version
are not there.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

cimport cython

from forkproxy.core.exchange cimport Body
from forkproxy.net.poller cimport Lease, poller
from forkproxy.shared.lmdb_calls cimport MDB_txn, MDB_val
from forkproxy.shared.prefetch cimport prefetch
from forkproxy.shared.tables cimport CacheStore
from forkproxy.wire.fields cimport Fields, Slot, slots_version, unpack
from forkproxy.wire.writer cimport Writer

from forkproxy.cache import extents

DEF SOON = 2048             # octets of an entry that are wanted in any case
DEF LAYOUT = 2
cdef unsigned int VERSION = (slots_version() ^ (<unsigned int> LAYOUT * 0x9E3779B1U)
                             ^ <unsigned int> sizeof(Mark))

DEF EXTENT = 16                 # octets of one of them in a record

cdef Writer lines = Writer()
cdef Writer slots = Writer()


@cython.no_gc_clear     # the store is needed to let go of its map
cdef class Entry(Lease):

    def __dealloc__(self):
        self._leave()

    cdef bint _open(self) noexcept:
        """Take the mark in; False where the octets are not those of a whole entry."""
        if self.size < <Py_ssize_t> sizeof(Mark):
            return False
        memcpy(&self.mark, self.data, sizeof(Mark))
        if self.mark.version != VERSION or self.mark.slots < 0 or self.mark.lines < 0:
            return False
        if self.mark.key < 0 or self.mark.tags < 0 or self.mark.reason < 0 or self.mark.vary < 0:
            return False
        if self.mark.etag < 0 or self.mark.length < 0 or self.mark.parts < 0:
            return False
        return self.size == self.front() + self._content()

    cdef long long _content(self) noexcept:
        """How many octets the record has behind its head."""
        if self.mark.flags & PARTS:
            return <long long> self.mark.parts * EXTENT
        return 0 if self.mark.flags & IN_FILE else self.mark.length

    cdef Py_ssize_t _offset(self, int part) noexcept:
        cdef Py_ssize_t at = sizeof(Mark)
        if part > SLOTS:
            at += <Py_ssize_t> self.mark.slots * sizeof(Slot)
        if part > LINES:
            at += self.mark.lines
        if part > KEY:
            at += self.mark.key
        if part > TAGS:
            at += self.mark.tags
        if part > REASON:
            at += self.mark.reason
        if part > VARY:
            at += self.mark.vary
        if part > ETAG_PART:
            at += self.mark.etag
        return at

    cdef Py_ssize_t front(self) noexcept:
        return self._offset(CONTENT)

    cdef bytes part(self, int part):
        cdef Py_ssize_t at = self._offset(part)
        return PyBytes_FromStringAndSize(self.data + at, self._offset(part + 1) - at)

    cdef Fields fields(self):
        if self.field_text is None:
            self.field_text = self.part(LINES)
        return unpack(self.field_text, <const Slot*> (self.data + sizeof(Mark)), self.mark.slots,
                      self.mark.seen)

    cdef bint in_map(self) noexcept:
        return self.octets is None

    cdef void end(self) noexcept:
        """Copy out of the map what is still needed: nobody may wait while a transaction is open.

        Where somebody holds a pointer into the map it stays as well, until that one is done.
        """
        if self.octets is None and self.txn != NULL:
            self.octets = PyBytes_FromStringAndSize(self.data, self.size)
            self.data = PyBytes_AS_STRING(self.octets)
            if not self.lent:
                self._leave()

    cdef void come_out(self) noexcept:
        self.end()
        if poller.lease is self:
            poller.lease = None

    cdef void drop(self) noexcept:
        if self.txn != NULL:
            self._leave()
            if poller.lease is self:
                poller.lease = None
            if self.octets is None:
                self.size = 0

    cdef void _leave(self) noexcept:
        cdef MDB_txn* txn = self.txn
        if txn != NULL:
            self.txn = NULL
            self.store.end_read(txn)

    # What Python code asks of an entry.

    @property
    def status(self):
        return self.mark.status

    @property
    def flags(self):
        return self.mark.flags

    @property
    def length(self):
        return self.mark.length

    @property
    def identity(self):
        return self.mark.identity

    @property
    def key(self):
        return self.part(KEY)

    @property
    def tags(self):
        text = self.part(TAGS)
        return tuple(text.split(b"\0")) if text else ()

    @property
    def vary(self):
        return self.part(VARY)

    @property
    def etag(self):
        return self.part(ETAG_PART)

    @property
    def modified(self):
        return self.mark.modified

    @property
    def stored_at(self):
        return self.mark.stored_at

    @property
    def born_at(self):
        return self.mark.born_at

    @property
    def fresh_until(self):
        return self.mark.fresh_until

    @property
    def file_name(self):
        """The file that has the content, below the folder of such files; "" where it is here."""
        return file_name(self.mark.identity) if self.mark.flags & IN_FILE else ""

    @property
    def extents(self):
        """What is in its file, where that is not all: (start, stop) one behind the other."""
        return extents.unpack(self.content()) if self.mark.flags & PARTS else None

    def size_in_all(self):
        """Return how many octets it takes, a file included."""
        if self.mark.flags & PARTS:
            return self.size + extents.octets(self.extents)
        return self.size + (self.mark.length if self.mark.flags & IN_FILE else 0)

    def stale_now(self, double now):
        """Return the octets of the same entry, stale from `now` on: a soft purge."""
        cdef Mark mark = self.mark
        mark.fresh_until = min(mark.fresh_until, now)
        return remarked(self, &mark)

    def pinned(self, bint wanted):
        """Return the octets of the same entry, pinned or not."""
        cdef Mark mark = self.mark
        mark.flags = mark.flags | PINNED if wanted else mark.flags & ~PINNED
        return remarked(self, &mark)

    def field_lines(self):
        """Return the fields as (name, value)."""
        return self.fields().items()

    def content(self):
        """Return the content, where it is here."""
        cdef Py_ssize_t front = self.front()
        return PyBytes_FromStringAndSize(self.data + front, self.size - front)


def file_name(unsigned long long identity):
    """Return the name of the file of an entry: a folder of two digits, and a number."""
    text = f"{identity:016x}"
    return f"{text[-2:]}/{text}"


cdef Entry entry_of(bytes octets):
    cdef Entry made = Entry.__new__(Entry)
    made.octets = octets
    made.data = PyBytes_AS_STRING(octets)
    made.size = PyBytes_GET_SIZE(octets)
    return made if made._open() else None


cdef Entry entry_in_map(CacheStore store, bytes key):
    cdef MDB_val found
    cdef MDB_txn* txn = store.find(key, &found)
    cdef Entry made
    if txn == NULL:
        return None
    made = Entry.__new__(Entry)
    made.store = store
    made.txn = txn
    made.data = <const char*> found.mv_data
    made.size = found.mv_size
    prefetch(made.data, min(made.size, <Py_ssize_t> SOON))
    if made._open():
        poller.lend(made)
        return made
    made.drop()
    return None


def read(octets):
    """Return the entry in some octets, which are copied; None where they are none."""
    return entry_of(bytes(octets))


cdef bytes pack(Mark* mark, Fields fields, bytes key, bytes tags, bytes reason, bytes vary,
                bytes etag):
    return pack_by(lines, slots, mark, fields, key, tags, reason, vary, etag)


cdef bytes pack_by(Writer lines, Writer slots, Mark* mark, Fields fields, bytes key, bytes tags,
                   bytes reason, bytes vary, bytes etag):
    lines.clear()
    slots.clear()
    if fields is not None:
        fields.pack(lines, slots, None)
        mark.seen = 0
        _mark_seen(slots, mark)
    mark.version = VERSION
    mark.slots = <int> (slots.used // <Py_ssize_t> sizeof(Slot))
    mark.lines = <int> lines.used
    mark.key = <int> PyBytes_GET_SIZE(key)
    mark.tags = <int> PyBytes_GET_SIZE(tags)
    mark.reason = <int> PyBytes_GET_SIZE(reason)
    mark.vary = <int> PyBytes_GET_SIZE(vary)
    mark.etag = <int> PyBytes_GET_SIZE(etag)
    return b"".join((
        PyBytes_FromStringAndSize(<const char*> mark, sizeof(Mark)), slots.taken(), lines.taken(),
        key, tags, reason, vary, etag))


cdef void _mark_seen(Writer slots, Mark* mark) noexcept:
    cdef Slot* found = <Slot*> slots.data
    cdef Py_ssize_t index
    for index in range(slots.used // <Py_ssize_t> sizeof(Slot)):
        mark.seen |= 1ULL << found[index].known


cdef bytes remarked(Entry entry, Mark* mark):
    mark.version = VERSION
    return (PyBytes_FromStringAndSize(<const char*> mark, sizeof(Mark))
            + PyBytes_FromStringAndSize(entry.data + sizeof(Mark), entry.size - sizeof(Mark)))


cdef class EntryBody(Body):

    def __cinit__(self, Entry entry not None):
        self.entry = entry
        self.length = entry.mark.length

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        if self.entry is None:
            return 0
        self.entry.lent = self.entry.in_map()
        octets[0] = self.entry.data + self.entry.front() + self.start + self.used
        return self.length - self.used

    cdef bint cut(self, long long start, long long length) except -1:
        self.start = start
        self.length = length
        self.used = 0
        self.parted = True
        return True

    cdef const char* hold(self, const char* octets, Py_ssize_t count) except NULL:
        self.entry.lent = False
        self.entry.end()
        return self.entry.data + self.entry.front() + self.start + self.used

    cdef void took(self, Py_ssize_t count) noexcept:
        self.used += count
        self._returned()

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        if self.entry is None:
            return 0
        count = min(room, self.length - self.used)
        memcpy(into, self.entry.data + self.entry.front() + self.start + self.used, count)
        self.used += count
        self._returned()
        return count

    cdef void _returned(self) noexcept:
        """No pointer is out any more; at the end the map is not needed either."""
        self.entry.lent = False
        if self.used == self.length and not self.parted:
            self.close()
        elif self.entry.octets is not None:
            self.entry.drop()

    cpdef void close(self):
        if self.entry is not None:
            self.entry.drop()
            self.entry = None
