from libc.stdint cimport uint64_t

from forkproxy.shared.memory cimport SharedMemory


cdef class Journal:
    """The last things that happened, of all processes: a number, a moment and a text each."""

    cdef SharedMemory memory
    cdef uint64_t records

    cdef void write(self, uint64_t number, double now, bytes text) noexcept
