"""What time it is: the one place that asks the machine.

`monotonic` is for limits and durations, `wall` for dates and logs; both in seconds.
"""

from libc.stdint cimport int64_t
from posix.time cimport CLOCK_MONOTONIC, CLOCK_REALTIME, clock_gettime, timespec


cpdef double monotonic() noexcept nogil:
    """Return the seconds since some fixed moment; never goes backwards."""
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec + now.tv_nsec * 1e-9


cpdef int64_t monotonic_ns() noexcept:
    """Return the same in whole nanoseconds, where what is counted must be exact."""
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t> now.tv_sec * 1000000000 + now.tv_nsec


cpdef double wall() noexcept:
    """Return the seconds since 1970-01-01 00:00:00 UTC."""
    cdef timespec now
    clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec + now.tv_nsec * 1e-9
