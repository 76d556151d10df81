"""The field list of a message (RFC 9110 §5): order and letters are kept, case is no matter."""

import zlib

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcmp, memcpy

from forkproxy.wire.names cimport (
    NAMES, OTHER, Name, NameSet, like_variable, name_of, same_letters,
)
from forkproxy.wire.writer cimport Writer

cdef unsigned int version = zlib.crc32(b" ".join(NAMES), sizeof(Slot))

cdef Name _name(bytes name) noexcept:
    return name_of(PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name))


cdef inline bint _among(const char* base, const Slot* slot, NameSet names) noexcept:
    """Whether a line's name is one of a set, which may be None."""
    return names is not None and names.has(slot.known, base + slot.name, slot.name_length)


cdef bytes one_line(bytes value):
    if not _breaks(value):
        return value
    return value.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ")


# Octets and pairs of octets can make no circle: nothing here for the collector to look at.
@cython.no_gc
@cython.freelist(128)
cdef class Fields:

    def __cinit__(self):
        self.raw = b""
        self.base = PyBytes_AS_STRING(self.raw)
        self.slots = self.first
        self.room = FIRST_SLOTS

    def __dealloc__(self):
        if self.slots != self.first:
            free(self.slots)

    cdef int push(self, int name, int name_length, int value, int value_length) except -1:
        """Append a parsed line."""
        cdef Slot* slot
        if self.count == self.room:
            self._grow(2 * self.room)
        slot = &self.slots[self.count]
        slot.name = name
        slot.name_length = name_length
        slot.value = value
        slot.value_length = value_length
        slot.known = name_of(self.base + name, name_length)
        slot.dead = 0
        self.twice |= self.seen & (1ULL << slot.known)
        self.seen |= 1ULL << slot.known
        self.count += 1
        self.live += 1
        return 0

    cdef int _grow(self, int room) except -1:
        cdef Slot* larger = <Slot*> malloc(room * sizeof(Slot))
        if larger == NULL:
            raise MemoryError()
        memcpy(larger, self.slots, self.count * sizeof(Slot))
        if self.slots != self.first:
            free(self.slots)
        self.slots = larger
        self.room = room
        return 0

    cdef int find(self, bytes name) noexcept:
        """The first parsed line of that name that is still there, or -1."""
        cdef const char* letters = PyBytes_AS_STRING(name)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(name)
        cdef Name known = name_of(letters, length)
        cdef int index
        if known != OTHER:
            return self.find_known(known)
        for index in range(self.count):
            if self.slots[index].known == OTHER and self.slots[index].name_length == length \
                    and not self.slots[index].dead \
                    and same_letters(self.base + self.slots[index].name, letters, length):
                return index
        return -1

    cdef int find_known(self, Name known) noexcept:
        cdef int index
        if not (self.seen >> <int> known) & 1:
            return -1
        for index in range(self.count):
            if self.slots[index].known == <short> known and not self.slots[index].dead:
                return index
        return -1

    cdef bytes _value(self, int index):
        cdef Slot* slot = &self.slots[index]
        return PyBytes_FromStringAndSize(self.base + slot.value, slot.value_length)

    cdef bytes known_value(self, Name known):
        cdef int index = self.find_known(known)
        if index >= 0:
            return self._value(index)
        if self.added is None:
            return None
        return self._added_value(<bytes> NAMES[known])

    cdef bint says(self, Name known, bytes value) noexcept:
        cdef int index = self.find_known(known)
        if index < 0 or self.added is not None or (self.twice >> <int> known) & 1:
            return False
        return (self.slots[index].value_length == PyBytes_GET_SIZE(value)
                and memcmp(self.base + self.slots[index].value, PyBytes_AS_STRING(value),
                           self.slots[index].value_length) == 0)

    cdef bytes _added_value(self, bytes name):
        for other, value in self.added:
            if (<bytes> other).lower() == name:
                return <bytes> value
        return None

    cdef void remove_known(self, Name known):
        self.remove(<bytes> NAMES[known])

    cdef void keep_first(self, unsigned long long names) noexcept:
        cdef unsigned long long met = 0, bit
        cdef int index
        for index in range(self.count):
            bit = (1ULL << self.slots[index].known) & names
            if bit & met and not self.slots[index].dead:
                self.slots[index].dead = 1
                self.live -= 1
            met |= bit

    cpdef bytes get(self, bytes name):
        cdef int index = self.find(name)
        if index >= 0:
            return self._value(index)
        return None if self.added is None else self._added_value(name)

    cpdef list all(self, bytes name):
        cdef const char* letters = PyBytes_AS_STRING(name)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(name)
        cdef list found = []
        cdef int index
        for index in range(self.count):
            if self.slots[index].name_length == length and not self.slots[index].dead \
                    and same_letters(self.base + self.slots[index].name, letters, length):
                found.append(self._value(index))
        if self.added is not None:
            found += [value for other, value in self.added if other.lower() == name]
        return found

    cpdef bytes joined(self, bytes name, bytes by=b", "):
        cdef list found = self.all(name)
        if not found:
            return None
        return <bytes> found[0] if len(found) == 1 else by.join(found)

    cpdef bytes variable(self, bytes name):
        cdef const char* letters = PyBytes_AS_STRING(name)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(name)
        cdef list found = None
        cdef bytes first = None
        cdef int index
        for index in range(self.count):
            if self.slots[index].name_length == length and not self.slots[index].dead \
                    and like_variable(self.base + self.slots[index].name, letters, length):
                if first is None:
                    first = self._value(index)
                elif found is None:
                    found = [first, self._value(index)]
                else:
                    found.append(self._value(index))
        if self.added is not None:
            for other, value in self.added:
                if (<bytes> other).lower().replace(b"-", b"_") == name:
                    if first is None:
                        first = value
                    elif found is None:
                        found = [first, value]
                    else:
                        found.append(value)
        if found is None:
            return first
        return (b"; " if name == b"cookie" else b", ").join(found)

    cpdef bint has(self, bytes name):
        if self.find(name) >= 0:
            return True
        return self.added is not None and self._added_value(name) is not None

    cdef bint has_any(self, NameSet names) noexcept:
        cdef Slot* slot
        cdef int index
        for index in range(self.count):
            slot = &self.slots[index]
            if not slot.dead and _among(self.base, slot, names):
                return True
        return False

    cpdef int remove(self, bytes name) except -1:
        cdef int gone = 0
        cdef int index = self.find(name)
        while index >= 0:
            self.slots[index].dead = 1
            self.live -= 1
            gone += 1
            index = self.find(name)
        if self.added is not None:
            kept = [pair for pair in self.added if pair[0].lower() != name]
            gone += len(self.added) - len(kept)
            self.added = kept or None
        return gone

    cdef int remove_any(self, NameSet names) except -1:
        cdef Slot* slot
        cdef int index
        for index in range(self.count):
            slot = &self.slots[index]
            if not slot.dead and _among(self.base, slot, names):
                slot.dead = 1
                self.live -= 1
        if self.added is not None:
            kept = [pair for pair in self.added if pair[0].lower() not in names.names]
            self.added = kept or None
        return 0

    cpdef int add(self, bytes name, bytes value) except -1:
        if _breaks(name) or _breaks(value):
            raise ValueError("CR, LF or NUL in a field")
        if self.added is None:
            self.added = []
        self.added.append((name, value))
        return 0

    cpdef int set(self, bytes name, bytes value) except -1:
        self.remove(name.lower())
        return self.add(name, value)

    cpdef list items(self):
        cdef list found = []
        cdef int index
        cdef Slot* slot
        for index in range(self.count):
            slot = &self.slots[index]
            if not slot.dead:
                name = PyBytes_FromStringAndSize(self.base + slot.name, slot.name_length)
                found.append((name, self._value(index)))
        if self.added is not None:
            found += self.added
        return found

    cpdef Fields copy(self):
        cdef Fields made = Fields.__new__(Fields)
        made.raw = self.raw
        made.base = self.base
        if self.count > made.room:
            made._grow(self.room)
        memcpy(made.slots, self.slots, self.count * sizeof(Slot))
        made.count = self.count
        made.live = self.live
        made.seen = self.seen
        made.twice = self.twice
        made.added = None if self.added is None else list(self.added)
        return made

    cdef int pack(self, Writer lines, Writer slots, NameSet without) except -1:
        cdef int index
        cdef Slot* slot
        cdef bytes name, value
        for index in range(self.count):
            slot = &self.slots[index]
            if slot.dead or _among(self.base, slot, without):
                continue
            _pack_line(lines, slots, self.base + slot.name, slot.name_length,
                       self.base + slot.value, slot.value_length, slot.known)
        if self.added is not None:
            for name, value in self.added:
                if without is None or name.lower() not in without.names:
                    _pack_line(lines, slots, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name),
                               PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), _name(name))
        return 0

    cdef int write(self, Writer to, NameSet without, unsigned long long written=0) except -1:
        cdef int index
        cdef Slot* slot
        cdef bytes name
        for index in range(self.count):
            slot = &self.slots[index]
            if slot.dead or _among(self.base, slot, without):
                continue
            if slot.known != OTHER and (written >> slot.known) & 1:
                continue
            self._put(to, index)
        if self.added is None:
            return 0
        for found, value in self.added:
            name = <bytes> found
            if without is not None and name.lower() in without.names:
                continue
            if written and (written >> <int> _name(name)) & 1:
                continue
            _put_pair(to, name, <bytes> value)
        return 0

    cdef bint write_known(self, Writer to, Name known) except -1:
        cdef int index = self.find_known(known)
        cdef bint written = index >= 0
        cdef bytes name
        if written:
            self._put(to, index)
        if self.added is not None:
            for found, value in self.added:
                name = <bytes> found
                if _name(name) == known:
                    _put_pair(to, name, <bytes> value)
                    written = True
        return written

    cdef int _put(self, Writer to, int index) except -1:
        cdef Slot* slot = &self.slots[index]
        return _put_line(to, self.base + slot.name, slot.name_length,
                         self.base + slot.value, slot.value_length)

    def written(self, NameSet without=None):
        """Return the lines as they are sent, but those named in `without`."""
        cdef Writer to = Writer()
        self.write(to, without)
        return to.taken()

    def __len__(self):
        return self.live + (len(self.added) if self.added is not None else 0)

    def __iter__(self):
        return iter(self.items())

    def __repr__(self):
        return f"<Fields {self.items()!r}>"


cdef int _put_pair(Writer to, bytes name, bytes value) except -1:
    return _put_line(to, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name),
                     PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value))


cdef int _put_line(Writer to, const char* name, Py_ssize_t name_length,
                   const char* value, Py_ssize_t value_length) except -1:
    cdef char* at
    if to.used + name_length + value_length + 4 > to.size:
        to.reserve(name_length + value_length + 4)
    at = to.data + to.used
    memcpy(at, name, name_length)
    at += name_length
    at[0] = c":"
    at[1] = c" "
    memcpy(at + 2, value, value_length)
    at += 2 + value_length
    at[0] = c"\r"
    at[1] = c"\n"
    to.used = at + 2 - to.data
    return 0


cdef int _pack_line(Writer lines, Writer slots, const char* name, Py_ssize_t name_length,
                    const char* value, Py_ssize_t value_length, short known) except -1:
    cdef Slot slot
    slot.name = <int> lines.used
    slot.name_length = <int> name_length
    slot.value = <int> (lines.used + name_length + 2)
    slot.value_length = <int> value_length
    slot.known = known
    slot.dead = 0
    slots.put(<const char*> &slot, sizeof(Slot))
    return _put_line(lines, name, name_length, value, value_length)


cdef Fields unpack(bytes raw, const Slot* slots, int count, unsigned long long seen):
    cdef Fields made = Fields.__new__(Fields)
    made.raw = raw
    made.base = PyBytes_AS_STRING(raw)
    if count > made.room:
        made._grow(count)
    memcpy(made.slots, slots, count * sizeof(Slot))
    made.count = made.live = count
    made.seen = seen
    return made


cdef unsigned int slots_version() noexcept:
    return version


cdef bint _breaks(bytes octets) noexcept:
    cdef const char* data = PyBytes_AS_STRING(octets)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(octets)
    return (memchr(data, c"\r", length) != NULL or memchr(data, c"\n", length) != NULL
            or memchr(data, 0, length) != NULL)
