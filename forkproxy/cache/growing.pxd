from forkproxy.wire.writer cimport Writer

# How a file that grows tells those who read along how it ended: by its mode.
cdef enum Ending:
    GROWS = 0o600
    WHOLE_FILE = 0o400
    BROKEN_FILE = 0o200


cdef class Growing:
    """The content of an answer on its way: in memory, in a file, or in both."""

    cdef str folder
    cdef unsigned long long identity
    cdef Writer memory              # octets from `base` on
    cdef long long base
    cdef long long front            # where the content begins in the file: a hole is before it
    cdef long long in_file          # octets in the file
    cdef long long length           # octets that have come
    cdef bint small                 # all of it is in memory
    cdef bint filed                 # and in the file too: others read along
    cdef int fd
    cdef str path                   # of the file, None: there is none, or it has gone

    cdef int add(self, const char* octets, Py_ssize_t count) except -1  # OSError: nothing is lost
    cdef int add_in_memory(self, const char* octets, Py_ssize_t count) except -1
    # What has come from `at` on; 0: nothing more.
    cdef Py_ssize_t read(self, long long at, char* into, Py_ssize_t room) except -1
    cdef void let_go(self, long long before) noexcept   # of what all have read
    cdef int file(self) except -1                       # from now on, be in the file as well
    cdef int settle(self) except -1                     # nothing more comes: be in a file
    cdef void close(self, Ending ending) noexcept       # tell those who read along
    cdef void forget_file(self) noexcept
    cdef int _fill_file(self) except -1
    cdef int _file_too(self, Py_ssize_t start, Py_ssize_t count) except -1
    cdef int _write(self, const char* octets, Py_ssize_t count) except -1

# The content of an entry; of a part, `front` octets lie before it, and are not there.
cdef Growing growing(str folder, unsigned long long identity, long long front)
# One that another process writes, as much of it as there is. Raises OSError.
cdef Growing growing_elsewhere(str path)
