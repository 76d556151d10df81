cdef class Budget:
    """How many requests may be sent again, for so many that come."""

    cdef readonly double share          # of the requests
    cdef readonly double left           # retries that may be made now

    cdef void earn(self) noexcept       # a request has come
    cdef bint spend(self) noexcept      # whether one may be sent again
