from libc.stdint cimport int64_t

cpdef double monotonic() noexcept nogil
cpdef int64_t monotonic_ns() noexcept
cpdef double wall() noexcept
