"""The content of an answer on its way: what has come of it, wherever that lies.

The first octets are kept in memory; beyond IN_MEMORY, all go into a file. Where another process
reads along, the file is written from the front on in any case: its size says how much has come, and
its mode how it ended.
"""

import os

from libc.string cimport memcpy, memmove
from posix.unistd cimport close as c_close

from forkproxy.core.bodies cimport write_all
from forkproxy.wire.writer cimport Writer

from forkproxy.cache.entry import file_name
from forkproxy.errors import PeerError

cdef extern from "<unistd.h>" nogil:
    Py_ssize_t pread(int fd, void* into, size_t count, long offset)

DEF IN_MEMORY = 131072          # octets of content that are kept in the store itself


cdef class Growing:

    def __cinit__(self):
        self.fd = -1
        self.small = True
        self.memory = Writer()

    cdef int add(self, const char* octets, Py_ssize_t count) except -1:
        cdef Py_ssize_t there = self.memory.used
        if self.small and there + count <= IN_MEMORY:
            self.add_in_memory(octets, count)
            if self.filed:
                self._file_too(there, count)
            return 0
        if self.small:
            self._fill_file()
            self.memory.clear()
            self.base = self.in_file
            self.small = False
        self._write(octets, count)
        self.length += count
        self.base = self.in_file
        return 0

    cdef int add_in_memory(self, const char* octets, Py_ssize_t count) except -1:
        self.memory.put(octets, count)
        self.length += count
        return 0

    cdef int file(self) except -1:
        self._fill_file()
        self.filed = True
        return 0

    cdef int settle(self) except -1:
        self._fill_file()
        self.small = False
        return 0

    cdef int _file_too(self, Py_ssize_t start, Py_ssize_t count) except -1:
        """Have more of what is in memory in the file: where that fails, only who reads it loses."""
        try:
            self._write(self.memory.data + start, count)
        except OSError:
            self.close(BROKEN_FILE)
            self.forget_file()
            c_close(self.fd)
            self.fd = -1
            self.in_file = 0
        return 0

    cdef int _fill_file(self) except -1:
        """Have all that is in memory in the file too."""
        if self.fd < 0:
            self.path = f"{self.folder}/.{os.getpid()}-{self.identity:x}"
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, GROWS)
            if self.front:
                os.lseek(self.fd, self.front, os.SEEK_SET)
        return self._write(self.memory.data + (self.in_file - self.base),
                           self.length - self.in_file)

    cdef int _write(self, const char* octets, Py_ssize_t count) except -1:
        write_all(self.fd, octets, count)
        self.in_file += count
        return 0

    cdef Py_ssize_t read(self, long long at, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count = 0
        if at >= self.base and at < self.base + self.memory.used:
            count = min(room, self.base + self.memory.used - at)
            memcpy(into, self.memory.data + (at - self.base), count)
        elif at < self.in_file:
            count = pread(self.fd, into, min(room, self.in_file - at), self.front + at)
            if count <= 0:
                raise PeerError("a file of the cache became shorter", sent=True)
        return count

    cdef void let_go(self, long long before) noexcept:
        cdef Py_ssize_t count = before - self.base
        if count > 0:
            memmove(self.memory.data, self.memory.data + count, self.memory.used - count)
            self.memory.used -= count
            self.base = before

    cdef void close(self, Ending ending) noexcept:
        if self.filed:
            self.filed = False
            try:
                os.fchmod(self.fd, ending)
            except OSError:
                pass        # then it looks as if we had died

    cdef void forget_file(self) noexcept:
        if self.path is not None:
            try:
                os.unlink(self.path)
            except OSError:
                pass
            self.path = None

    def take_name(self):
        """Give the complete file the name that its entry says."""
        name = f"{self.folder}/{file_name(self.identity)}"
        try:
            os.rename(self.path, name)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
            os.rename(self.path, name)
        self.path = name

    def __dealloc__(self):
        if self.fd >= 0:
            c_close(self.fd)


cdef Growing growing(str folder, unsigned long long identity, long long front):
    cdef Growing made = Growing.__new__(Growing)
    made.folder = folder
    made.identity = identity
    made.front = front
    return made


cdef Growing growing_elsewhere(str path):
    cdef Growing made = Growing.__new__(Growing)
    made.small = False
    made.path = path
    made.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return made
