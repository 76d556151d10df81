from libc.stdint cimport uint64_t

from forkproxy.shared.memory cimport SharedMemory

# What came of asking for a claim.
cdef enum Claimed:
    OURS                # now, until `release`
    ELSEWHERE           # a living process has it
    NO_ROOM             # the table is full: go on without


cdef class Claims:
    """Who, of all processes, is doing something that one should do: at most one holder a key."""

    cdef SharedMemory memory
    cdef SharedMemory calls         # beside each claim: that very claim, where others called
    cdef uint64_t sets              # minus one

    cdef Claimed take(self, uint64_t number) noexcept
    cdef void release(self, uint64_t number) noexcept   # ours; another's is left alone
    cdef bint held(self, uint64_t number) noexcept      # by a living process
    cdef int holder(self, uint64_t number) noexcept     # the living process that has it; 0
    # Take a claim over that its holder has kept for too long.
    cdef void usurp(self, uint64_t number) noexcept
    # Let whoever has a claim know that others want to see what comes of it.
    cdef void call(self, uint64_t number) noexcept
    cdef bint called(self, uint64_t number) noexcept    # of a claim that is ours
