cdef enum:
    SMALL = 16384           # octets: a request head and what comes with it
    LARGE = 65536           # a piece of a body


cdef class Buffer:
    """A block of octets outside Python's heap, lent from a pool: data[start:end] is in use."""

    cdef char* data
    cdef Py_ssize_t size
    cdef Py_ssize_t start
    cdef Py_ssize_t end

    cdef Py_ssize_t length(self) noexcept
    cdef Py_ssize_t room(self) noexcept
    cdef void compact(self) noexcept                # what is in it, moved to the front
    cdef int grow(self, Py_ssize_t size) except -1  # at least that large


# A buffer of SMALL or LARGE octets from the pool, empty; and its way back.
cdef Buffer lend_small()
cdef Buffer lend_large()
cdef void give_back(Buffer buffer) noexcept
