from libc.stdint cimport int64_t

from forkproxy.upstream.standing cimport Standing


cdef enum Metric:
    HEADER_TIME
    RESPONSE_TIME

# The time in ms that a peer will need for what it has to do, and one request more.
cdef int64_t estimate(Standing* one, Metric metric, int64_t now) noexcept
