from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.counters cimport Table


cdef class BanTable(Table):
    """Keys that are refused until an instant, in milliseconds of the monotonic clock."""

    cdef unsigned char* keys            # of each slot: its length, then the key, for showing

    cdef int64_t left(self, uint64_t tag, int64_t now) noexcept     # milliseconds; 0: not banned
    cdef int ban(self, bytes key, int64_t until) except -1
