from forkproxy.net.greenlets cimport greenlet


cdef class Gate:
    """Closed at first; one greenlet waits at it, and goes on once it is open. For good."""

    cdef readonly bint passed
    cdef greenlet waiting

    cdef int wait(self) except -1       # Waits.
    # At most so many seconds; 0.0: however long. Whether it is open. Waits.
    cdef bint wait_for(self, double seconds) except -1
    cdef void open(self) noexcept
    cdef void _go_on(self) noexcept
    cdef void open_now(self) noexcept   # in the hub: who waits runs before this returns
