from posix.stat cimport struct_stat

from forkproxy.core.bodies cimport FileBody


cdef class OpenFile:
    """What was found under a path: an open file, a folder, something else, or an error."""

    cdef int fd                 # of a regular file; -1: it is closed, or there is none
    cdef int failed             # errno; 0
    cdef bint regular
    cdef bint folder
    cdef readonly long long size
    cdef readonly long long modified    # seconds
    cdef unsigned long long device
    cdef unsigned long long inode
    cdef bint kept              # by an OpenFiles: the descriptor stays ours
    cdef double checked_at
    cdef double used_at
    cdef long uses
    # The fields that describe it, and what they were made for: features.static's.
    cdef list fields
    cdef object described_for
    cdef bytes described_as

    cdef FileBody body(self)    # the content as a whole; of a file that is open
    cdef void _describe(self, struct_stat* found) noexcept


cdef class OpenFiles:
    """The files that open_file_cache keeps open."""

    cdef readonly Py_ssize_t most
    cdef readonly double inactive       # seconds
    cdef readonly double valid          # seconds
    cdef readonly long least_uses
    cdef readonly bint errors
    cdef object files                   # path to OpenFile, least recently used first

    cdef OpenFile find(self, bytes path)
    cdef OpenFile _again(self, OpenFile found, bytes path)
    cdef int _expire(self, double now) except -1


# What is under a path now, opened where it is a regular file.
cdef OpenFile open_file(bytes path)

# What a descriptor is of; it is the made one's from now on, and closed where it is no regular file.
cdef OpenFile opened(int fd)

# What is under a path, out of the cache where there is one (None: there is none).
cdef OpenFile look(OpenFiles cache, bytes path)

cdef enum Kind:
    MISSING, REGULAR, FOLDER, OTHER

cdef Kind kind_of_file(OpenFile file) noexcept

# What is under a path; `failed` says why it is missing.
cdef Kind kind_of(OpenFiles cache, bytes path, int* failed)

# The cache of a scope, None where it has none: the same for all that one directive holds for.
cdef OpenFiles open_files(object scope, object making)
