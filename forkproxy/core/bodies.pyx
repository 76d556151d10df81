"""The plain bodies: octets, a slice of a file, a request body that was read ahead."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.errno cimport EINTR, errno
from libc.string cimport memcpy
from posix.types cimport off_t
from posix.unistd cimport close as c_close

import os
import tempfile

from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer, give_back, lend_large, lend_small

DEF IN_ONE = 16384          # octets of a file that are sent together with the head

cdef extern from "<unistd.h>" nogil:
    Py_ssize_t pread(int fd, void* into, size_t count, off_t offset)
    Py_ssize_t c_write "write" (int fd, const void* octets, size_t count)


cdef class OctetsBody(Body):

    def __init__(self, bytes octets not None):
        self.octets = octets
        self.end = self.length = PyBytes_GET_SIZE(octets)

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        octets[0] = PyBytes_AS_STRING(self.octets) + self.used
        return self.end - self.used

    cdef void took(self, Py_ssize_t count) noexcept:
        self.used += count

    cdef bint cut(self, long long start, long long length) except -1:
        self.used = start
        self.end = start + length
        self.length = length
        return True

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count = min(room, self.end - self.used)
        memcpy(into, PyBytes_AS_STRING(self.octets) + self.used, count)
        self.used += count
        return count


cdef class FileBody(Body):

    def __init__(self, int fd, long long offset, long long length, bint owned=True):
        self.fd = fd
        self.front = self.offset = offset
        self.left = length
        self.length = length
        self.owned = owned

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        if self.left < room:
            room = self.left
        if room == 0:
            return 0
        while True:
            count = pread(self.fd, into, room, self.offset)
            if count > 0:
                break
            if count == 0:
                raise OSError(0, "the file became shorter while it was sent")
            if errno != EINTR:
                raise OSError(errno, os.strerror(errno))
        self.offset += count
        self.left -= count
        return count

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        """A small file is read at once, which saves the system call of its sendfile."""
        cdef Py_ssize_t count
        if self.buffer is None:
            if self.length > IN_ONE or self.left != self.length:
                return 0
            self.buffer = lend_small()
            while self.buffer.end < self.length:
                count = pread(self.fd, self.buffer.data + self.buffer.end,
                              self.length - self.buffer.end, self.buffer.end + self.offset)
                if count <= 0:
                    break
                self.buffer.end += count
        octets[0] = self.buffer.data + self.buffer.start
        return self.buffer.length()

    cdef void took(self, Py_ssize_t count) noexcept:
        """Also what sendfile has sent."""
        self.offset += count
        self.left -= count
        if self.buffer is not None:
            self.buffer.start += count
            if self.buffer.start == self.buffer.end:
                give_back(self.buffer)
                self.buffer = None

    cdef bint cut(self, long long start, long long length) except -1:
        give_back(self.buffer)
        self.buffer = None
        self.offset = self.front + start
        self.left = self.length = length
        return True

    cpdef void close(self):
        give_back(self.buffer)
        self.buffer = None
        if self.owned and self.fd >= 0:
            c_close(self.fd)
            self.fd = -1

    def __dealloc__(self):
        if self.owned and self.fd >= 0:
            c_close(self.fd)


cdef class Stored:

    def __cinit__(self):
        self.fd = -1

    cdef Body open(self):
        if self.octets is not None:
            return OctetsBody(self.octets)
        return FileBody(self.fd, 0, self.length, owned=False)

    cdef Stored again(self):
        cdef Stored made = Stored.__new__(Stored)
        made.octets = self.octets
        made.length = self.length
        if self.fd >= 0:
            made.fd = os.dup(self.fd)
            made.path = b"/proc/%d/fd/%d" % (os.getpid(), made.fd)
        return made

    cpdef void close(self):
        if self.fd >= 0:
            c_close(self.fd)
            self.fd = -1
        if self.clean:
            self.clean = False
            os.unlink(self.path)

    def __dealloc__(self):
        if self.fd >= 0:
            c_close(self.fd)


cdef Stored store(Body body, Py_ssize_t in_memory, str folder, int keep=0):
    cdef Stored stored = Stored.__new__(Stored)
    cdef bytes octets
    cdef Py_ssize_t used, count
    if keep != <int> NAMELESS:
        stored.fd, path = tempfile.mkstemp(dir=folder)
        stored.path = os.fsencode(path)
        stored.clean = keep == <int> CLEAN
        in_memory = -1
    if 0 <= body.length <= in_memory:
        octets = PyBytes_FromStringAndSize(NULL, body.length)
        used = 0
        while used < body.length:
            count = body.read_into(PyBytes_AS_STRING(octets) + used, body.length - used)
            if count == 0:
                break
            used += count
        if used == body.length and not body.drained(used):
            body.read_into(PyBytes_AS_STRING(octets), 0)    # what it says may still prove wrong
        stored.octets = octets
        stored.length = used
        return stored
    _store_pieces(stored, body, in_memory, folder)
    stored.trailers = body.trailers
    return stored


cdef int _store_pieces(Stored stored, Body body, Py_ssize_t in_memory, str folder) except -1:
    """A body that is longer, or of unknown length: to a file as soon as it does not fit."""
    cdef Buffer buffer = lend_large()
    cdef Py_ssize_t count
    cdef list pieces = []
    try:
        while True:
            count = body.read_into(buffer.data, buffer.size)
            if count == 0:
                break
            stored.length += count
            if stored.fd < 0 and stored.length > in_memory:
                stored.fd = nameless_file(folder)
                for piece in pieces:
                    write_all(stored.fd, PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece))
                pieces = None
            if stored.fd >= 0:
                write_all(stored.fd, buffer.data, count)
            else:
                pieces.append(PyBytes_FromStringAndSize(buffer.data, count))
    finally:
        give_back(buffer)
    if stored.fd < 0:
        stored.octets = b"".join(pieces)
    elif stored.path is None:
        stored.path = b"/proc/%d/fd/%d" % (os.getpid(), stored.fd)
    return 0


cdef int nameless_file(str folder) except -1:
    """Open a file that is gone when it is closed, whatever happens to the process."""
    try:
        return os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600)
    except (OSError, AttributeError):
        # A file system without O_TMPFILE (overlay, some network ones).
        fd, path = tempfile.mkstemp(dir=folder)
        os.unlink(path)
        return fd


cdef int write_all(int fd, const char* octets, Py_ssize_t length) except -1:
    cdef Py_ssize_t went
    while length:
        went = c_write(fd, octets, length)
        if went < 0:
            if errno == EINTR:
                continue
            raise OSError(errno, os.strerror(errno))
        octets += went
        length -= went
    return 0
