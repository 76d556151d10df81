"""proxy_buffering: a slow client does not hold the upstream.

While the client takes octets as fast as they come, nothing is read ahead and nothing copied. The
first time it does not, a greenlet goes on reading: into memory up to proxy_buffers, then into a
file without a name up to proxy_max_temp_file_size, then not at all until there is room.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.errno cimport errno
from libc.string cimport memcpy
from posix.types cimport off_t
from posix.unistd cimport close as c_close

import os

from forkproxy.core.bodies cimport nameless_file
from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task, poller

from forkproxy.errors import Gone, PeerError

cdef extern from "<unistd.h>" nogil:
    Py_ssize_t pread(int fd, void* into, size_t count, off_t offset)
    Py_ssize_t pwrite(int fd, const void* octets, size_t count, off_t offset)


cdef class Filling(Task):

    cdef int run(self) except -1:
        cdef ReadAhead into = self.into
        cdef Buffer buffer = lend_large()
        cdef Py_ssize_t count
        try:
            while not into.closed:
                count = into.inner.read_into(buffer.data, buffer.size)
                if count == 0:
                    break
                into.keep(buffer.data, count)
        except (PeerError, Gone, OSError) as error:
            into.failure = error
        finally:
            give_back(buffer)
            into.over = True
            if into.filled is not None:
                into.filled.open()
        return 0


cdef class ReadAhead(Body):

    def __init__(self, Body inner not None, Py_ssize_t in_memory, long long in_file, str folder):
        self.inner = inner
        self.length = inner.length
        self.in_memory = in_memory
        self.in_file = in_file
        self.folder = folder
        self.fd = -1
        self.pieces = []

    cdef int begin(self) except -1:
        cdef Filling filling = Filling.__new__(Filling)
        filling.into = self
        poller.soon(filling)
        return 0

    cdef int keep(self, const char* octets, Py_ssize_t count) except -1:
        """Keep what has come; wait where there is no room for it. Waits."""
        while not self.closed:
            if self.taken == self.written and self.held + count <= max(self.in_memory, count):
                self.pieces.append(PyBytes_FromStringAndSize(octets, count))
                self.held += count
                break
            if self.taken == self.written:
                self.taken = self.written = 0       # all of it was taken: the file begins anew
            if self.written + count <= self.in_file:
                self._write(octets, count)
                break
            self.emptied = Gate.__new__(Gate)
            self.emptied.wait()
            self.emptied = None
        if self.filled is not None:
            self.filled.open()
        return 0

    cdef int _write(self, const char* octets, Py_ssize_t count) except -1:
        cdef Py_ssize_t went
        if self.fd < 0:
            self.fd = nameless_file(self.folder)
        while count:
            went = pwrite(self.fd, octets, count, self.written)
            if went < 0:
                raise OSError(errno, os.strerror(errno))
            octets += went
            count -= went
            self.written += went
        return 0

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count = 0
        while True:
            if self.pieces:
                count = self._take_piece(into, room)
            elif self.taken < self.written:
                count = self._take_from_file(into, room)
            elif self.over:
                self.trailers = self.inner.trailers
                if self.failure is not None:
                    raise self.failure
                return 0
            else:
                self.filled = Gate.__new__(Gate)
                self.filled.wait()
                self.filled = None
                continue
            if self.emptied is not None:
                self.emptied.open()
            return count

    cdef Py_ssize_t _take_piece(self, char* into, Py_ssize_t room) except -1:
        cdef bytes piece = <bytes> self.pieces[0]
        cdef Py_ssize_t count = min(room, PyBytes_GET_SIZE(piece))
        memcpy(into, PyBytes_AS_STRING(piece), count)
        if count == PyBytes_GET_SIZE(piece):
            del self.pieces[0]
        else:
            self.pieces[0] = piece[count:]
        self.held -= count
        return count

    cdef Py_ssize_t _take_from_file(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count = min(room, self.written - self.taken)
        count = pread(self.fd, into, count, self.taken)
        if count <= 0:
            raise OSError(errno, os.strerror(errno))
        self.taken += count
        return count

    cpdef void close(self):
        self.closed = True
        self.inner.close()
        if self.emptied is not None:
            self.emptied.open()
        if self.fd >= 0:
            c_close(self.fd)
            self.fd = -1

    def __dealloc__(self):
        if self.fd >= 0:
            c_close(self.fd)
