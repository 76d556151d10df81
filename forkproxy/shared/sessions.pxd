from libc.stdint cimport int64_t, uint64_t


cdef struct Place:
    uint64_t key            # 0: free; 1: being written
    uint64_t value
    uint64_t used_at        # ms of monotonic time


cdef class Sessions:
    """A table of short numbers by key that all processes read and write."""

    cdef readonly str name
    cdef readonly Py_ssize_t size       # octets
    cdef Place* places
    cdef Py_ssize_t count               # of places, a power of two

    # 0: not there
    cdef uint64_t look_up(self, uint64_t key, uint64_t now, uint64_t life) noexcept
    cdef void make(self, uint64_t key, uint64_t value, uint64_t now) noexcept
    cdef void renew(self, uint64_t key, uint64_t value, uint64_t now, uint64_t life) noexcept
    cdef void _keep(self, uint64_t key, uint64_t value, uint64_t now, bint make,
                    uint64_t life) noexcept
    cdef Place* _place(self, uint64_t key) noexcept
