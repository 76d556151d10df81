"""A growing buffer of octets: what heads and log lines are written into."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

DEF FIRST = 4096            # octets at first


cdef class Writer:

    def __cinit__(self):
        self.data = <char*> malloc(FIRST)
        if self.data == NULL:
            raise MemoryError()
        self.size = FIRST

    def __dealloc__(self):
        free(self.data)

    cdef int reserve(self, Py_ssize_t more) except -1:
        cdef Py_ssize_t size = self.size if self.size else FIRST
        cdef char* larger
        while size < self.used + more:
            size *= 2
        if size != self.size:
            larger = <char*> realloc(self.data, size)
            if larger == NULL:
                raise MemoryError()
            self.data = larger
            self.size = size
        return 0

    cdef int put(self, const char* octets, Py_ssize_t length) except -1:
        if self.used + length > self.size:
            self.reserve(length)
        memcpy(self.data + self.used, octets, length)
        self.used += length
        return 0

    cdef int put_bytes(self, bytes octets) except -1:
        return self.put(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))

    cdef int put_number(self, long long number) except -1:
        cdef char digits[24]
        cdef int at = 24
        cdef unsigned long long left = number
        if number < 0:
            left = 0 - left
        while True:
            at -= 1
            digits[at] = c"0" + <char> (left % 10)
            left //= 10
            if left == 0:
                break
        if number < 0:
            at -= 1
            digits[at] = c"-"
        return self.put(digits + at, 24 - at)

    cdef int put_hex(self, unsigned long long number) except -1:
        cdef char digits[16]
        cdef int at = 16
        cdef int digit
        while True:
            at -= 1
            digit = number & 15
            digits[at] = c"0" + digit if digit < 10 else c"a" + digit - 10
            number >>= 4
            if number == 0:
                break
        return self.put(digits + at, 16 - at)

    cdef void clear(self) noexcept:
        self.used = 0

    cdef void shrink(self) noexcept:
        free(self.data)
        self.data = NULL
        self.size = 0

    cpdef bytes taken(self):
        """Return what was written, and begin anew."""
        cdef bytes octets = PyBytes_FromStringAndSize(self.data, self.used)
        self.used = 0
        return octets

    def write(self, bytes octets not None):
        """Append octets; for callers that are not compiled."""
        self.put_bytes(octets)
