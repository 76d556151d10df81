from forkproxy.wire.names cimport Name, NameSet
from forkproxy.wire.writer cimport Writer

# How many lines a head may have before memory must be asked for.
cdef enum:
    FIRST_SLOTS = 24

cdef struct Slot:
    int name            # offset into raw
    int name_length
    int value           # offset into raw
    int value_length
    short known         # a Name
    short dead          # removed since it was parsed

# Fields out of what `pack` made: `raw` has the lines, the slots are copied.
cdef Fields unpack(bytes raw, const Slot* slots, int count, unsigned long long seen)
# A number that changes whenever slots of another version mean something else.
cdef unsigned int slots_version() noexcept

# A value in which a line end, or NUL, is a space: what variables bring along starts no field of its
# own.
cdef bytes one_line(bytes value)


cdef class Fields:
    """The field lines of one message, in the order and the letters in which they came.

    Parsed lines are offsets into `raw`; lines added later are pairs of bytes. Names are compared
    without regard to case; arguments named `name` are lower-case bytes.
    """

    cdef readonly bytes raw
    cdef const char* base               # the octets of raw
    cdef Slot* slots                    # `first` while they fit there
    cdef Slot first[FIRST_SLOTS]
    cdef int count
    cdef int room
    cdef int live                       # parsed lines not removed
    cdef list added                     # [(name, value)], None until the first
    cdef unsigned long long seen        # one bit a Name: parsed lines, also removed ones
    cdef unsigned long long twice       # likewise: those of more than one line

    cdef bytes _value(self, int index)
    cdef int _put(self, Writer to, int index) except -1
    cdef bytes _added_value(self, bytes name)
    cdef int _grow(self, int room) except -1
    cdef int push(self, int name, int name_length, int value, int value_length) except -1
    cdef int find(self, bytes name) noexcept
    cdef int find_known(self, Name known) noexcept  # the first parsed line that is there, or -1
    cdef bytes known_value(self, Name known)    # its value, else the added one's, else None
    cdef bint says(self, Name known, bytes value) noexcept  # in its one line, as it was parsed
    cdef void remove_known(self, Name known)    # parsed and added
    cdef void keep_first(self, unsigned long long names) noexcept  # of parsed lines with these bits
    cpdef bytes get(self, bytes name)           # the first value or None
    cpdef list all(self, bytes name)            # every value, in order
    cpdef bytes joined(self, bytes name, bytes by=*)    # every value, by ", "; None for none
    # For $http_x_y: "_" in name stands for "-" or "_". Joined: by ", ", cookies by "; ".
    cpdef bytes variable(self, bytes name)
    cpdef bint has(self, bytes name)
    cdef bint has_any(self, NameSet names) noexcept     # of parsed lines
    cpdef int remove(self, bytes name) except -1    # how many lines went
    cdef int remove_any(self, NameSet names) except -1
    # ValueError where name or value hold CR, LF or NUL.
    cpdef int add(self, bytes name, bytes value) except -1
    cpdef int set(self, bytes name, bytes value) except -1  # remove, then add
    cpdef list items(self)                      # [(name as it came, value)]
    cpdef Fields copy(self)
    # The lines that are there, one behind the other, but those in `without`; and where each is.
    cdef int pack(self, Writer lines, Writer slots, NameSet without) except -1
    # "name: value\r\n" for each line whose name is not in `without` (may be None), and whose Name
    # has no bit in `written`.
    cdef int write(self, Writer to, NameSet without, unsigned long long written=*) except -1
    # Of that Name the first line that came, and all that were added: whether there are any.
    cdef bint write_known(self, Writer to, Name known) except -1
