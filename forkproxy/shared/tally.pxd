from libc.stdint cimport uint64_t


cdef class Tally:
    """The counters of one named thing: a zone, a cache, a limit."""

    cdef readonly str kind
    cdef readonly str name
    cdef uint64_t* cells                # ours on the scoreboard, once attached
    cdef uint64_t unseen[64]            # TALLY_CELLS of them, until then

    cdef void add(self, int cell, long long amount=*) noexcept


# Count one answer by its class (five cells) and by its status (CODES cells).
cdef void count_status(uint64_t* classes, uint64_t* codes, int status) noexcept
