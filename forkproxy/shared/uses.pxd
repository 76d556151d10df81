from libc.stdint cimport uint32_t, uint64_t

from forkproxy.shared.memory cimport SharedMemory


cdef class Uses:
    """How often, and when last, keys were asked for: a table of fixed size for all processes."""

    cdef SharedMemory memory
    cdef uint64_t sets              # minus one: a power of two

    # A key will be asked for soon: among a million its line is not in any cache of the processor.
    cdef void expect(self, uint64_t number) noexcept nogil
    # Note one more use at `now` (seconds); how many there were, up to MOST_USES.
    cdef int touch(self, uint64_t number, uint32_t now) noexcept nogil
    # How many uses are known, and when the last one was; 0 and 0 for an unknown key.
    cdef int look(self, uint64_t number, uint32_t* last) noexcept nogil
    cdef void halve(self, uint64_t number) noexcept nogil   # the count, so that old fame fades
