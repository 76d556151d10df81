from forkproxy.shared.counters cimport Table


cdef class InstantTable(Table):
    """Keys with an instant each, in nanoseconds of the monotonic clock.

    One that has passed says nothing any more, so the earliest goes where there is no room.
    """
