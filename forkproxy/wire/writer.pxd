cdef class Writer:
    """A growing buffer outside of Python's heap: what heads and log lines are written into."""

    cdef char* data
    cdef Py_ssize_t used
    cdef Py_ssize_t size

    cdef int reserve(self, Py_ssize_t more) except -1
    cdef int put(self, const char* octets, Py_ssize_t length) except -1
    cdef int put_bytes(self, bytes octets) except -1
    cdef int put_number(self, long long number) except -1
    cdef int put_hex(self, unsigned long long number) except -1
    cdef void clear(self) noexcept
    cdef void shrink(self) noexcept     # to nothing; nothing may be in it
    cpdef bytes taken(self)
