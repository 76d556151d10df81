from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.instants cimport InstantTable


cdef struct Rate:
    # A rate and its burst, in nanoseconds.
    int64_t interval        # from one request to the next
    int64_t burst           # that a key may be ahead of its rate
    int64_t late            # that what comes late may make up for
    int64_t most            # that any key may be ahead, by this configuration


cdef class RateTable(InstantTable):
    """When each key's requests so far would be through at the rate (GCRA, I.371 §A).

    `now` is in nanoseconds that every process counts alike.
    """

    cdef public bint lasting        # what is far ahead outlives a restart

    # Whether one more request is within the burst, and how far ahead the key is without it. It is
    # counted where it is, and not where it is not; `peek` counts nothing.
    cdef bint take(self, uint64_t tag, int64_t now, const Rate* rate, int64_t* ahead) noexcept
    cdef bint peek(self, uint64_t tag, int64_t now, const Rate* rate, int64_t* ahead) noexcept
    # One that was taken did not come to be.
    cdef void give_back(self, uint64_t tag, const Rate* rate) noexcept
    cdef bint _first(self, uint64_t tag, int64_t now, const Rate* rate, int64_t* ahead) noexcept


cdef Rate rate_of(int64_t frequency, int64_t burst)     # 1/1000 of a request a second; requests
cdef int64_t excess_of(int64_t ahead, const Rate* rate) noexcept    # 1/1000 of a request
