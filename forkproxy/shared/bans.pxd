from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.instants cimport InstantTable


cdef class BanTable(InstantTable):
    """Keys that are refused until an instant."""

    cdef unsigned char* keys            # of each slot: its length, then the key, for showing
    cdef public bint packed             # keys are addresses in binary
    cdef public double lasts            # seconds, of who is banned without a time

    cdef int64_t left(self, uint64_t tag, int64_t now) noexcept     # nanoseconds; 0: not banned
    cdef int ban(self, uint64_t tag, bytes key, int64_t until) except -1
