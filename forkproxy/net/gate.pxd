from forkproxy.net.greenlets cimport greenlet


cdef class Gate:
    """Something that one greenlet waits for and another brings about, once."""

    cdef readonly bint passed
    cdef greenlet waiting

    cdef int wait(self) except -1       # Waits.
    cdef void open(self) noexcept
    cdef void _go_on(self) noexcept
    cdef void open_now(self) noexcept   # in the hub: who waits runs before this returns
