from libc.stdint cimport uint32_t, uint64_t


cdef class Networks:
    """Ranges of addresses, each with a number: a bisection finds an address's."""

    cdef uint32_t* fours                # where the ranges begin, in order; the first is 0
    cdef int* four_values
    cdef Py_ssize_t four_count
    cdef uint64_t* sixes                # in pairs of words
    cdef int* six_values
    cdef Py_ssize_t six_count
    cdef readonly int otherwise         # of a client on a Unix socket

    cdef int find(self, bytes address) noexcept     # as text; 0 where nothing says
    cdef int _four(self, uint32_t address) noexcept
    cdef int _six(self, uint64_t first, uint64_t second) noexcept
