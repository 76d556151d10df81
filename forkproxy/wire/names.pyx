"""Names of fields: which of those that we know it is, and whether it is of a set."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

cdef tuple NAMES = (
    b"", b"host", b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"expect", b"content-length", b"content-type",
    b"content-encoding", b"content-range", b"date", b"server", b"location", b"refresh",
    b"last-modified", b"etag", b"expires", b"cache-control", b"vary", b"age", b"set-cookie",
    b"cookie", b"accept-ranges", b"accept-encoding", b"range", b"if-range", b"if-match",
    b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"user-agent", b"referer",
    b"authorization", b"x-forwarded-for", b"x-real-ip", b"x-accel-redirect", b"x-accel-expires",
    b"x-accel-limit-rate", b"x-accel-buffering", b"x-accel-charset", b"x-pad",
    b"www-authenticate", b"status", b"link", b"via", b"forwarded", b"upgrade-insecure-requests",
)
assert len(NAMES) == LAST_NAME

# By a name's length, which of the known ones have it: -1 ends each row.
DEF LONGEST = 32
DEF ALIKE = 8
cdef int by_length[LONGEST][ALIKE]
cdef const char* letters_of[64]
cdef unsigned char last_of[64]     # the last letter of each
cdef unsigned char lower[256]


cdef int _prepare() except -1:
    cdef int index, column
    for index in range(256):
        lower[index] = index + 32 if c"A" <= index <= c"Z" else index
    for index in range(LONGEST):
        for column in range(ALIKE):
            by_length[index][column] = -1
    for index in range(1, <int> LAST_NAME):
        name = <bytes> NAMES[index]
        letters_of[index] = PyBytes_AS_STRING(name)
        column = 0
        while by_length[len(name)][column] >= 0:
            column += 1
        if len(name) >= LONGEST or column + 1 >= ALIKE:
            raise AssertionError("too many names of one length, or too long a name")
        by_length[len(name)][column] = index
        last_of[index] = letters_of[index][len(name) - 1]
    return 0


_prepare()


cdef bint same_letters(const char* one, const char* other, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t index
    for index in range(length):
        if lower[<unsigned char> one[index]] != lower[<unsigned char> other[index]]:
            return False
    return True


cdef bint like_variable(const char* one, const char* variable, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t index
    cdef unsigned char letter
    for index in range(length):
        letter = lower[<unsigned char> one[index]]
        if letter == c"-":
            letter = c"_"
        if letter != <unsigned char> variable[index]:
            return False
    return True


cdef Name name_of(const char* letters, Py_ssize_t length) noexcept nogil:
    cdef int column = 0
    cdef int known
    cdef unsigned char last
    if length == 0 or length >= LONGEST:
        return OTHER
    # Names of one length differ most often in their last letter: first the cheap look.
    last = lower[<unsigned char> letters[length - 1]]
    while True:
        known = by_length[length][column]
        if known < 0:
            return OTHER
        if last_of[known] == last and same_letters(letters, letters_of[known], length):
            return <Name> known
        column += 1


cdef class NameSet:

    def __init__(self, names=()):
        """Take names in lower case, as bytes."""
        cdef bytes name
        cdef Name known
        self.names = frozenset(names)
        others = []
        for name in self.names:
            known = name_of(PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name))
            if known != OTHER:
                self.known |= 1ULL << <int> known
            else:
                self.lengths |= 1ULL << (PyBytes_GET_SIZE(name) & 63)
                others.append(name)
        self.others = tuple(others)

    cdef bint has(self, int known, const char* letters, Py_ssize_t length) noexcept:
        if known != OTHER:
            return (self.known >> known) & 1
        if not (self.lengths >> (length & 63)) & 1:
            return False
        for name in self.others:
            if PyBytes_GET_SIZE(name) == length and same_letters(
                    letters, PyBytes_AS_STRING(name), length):
                return True
        return False

    def __contains__(self, name):
        return name in self.names
