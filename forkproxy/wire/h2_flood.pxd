cdef class Flood:
    """What a client makes us do for nothing, against what it asked for."""

    cdef readonly int fruitless         # frames that asked for nothing, less those we owe to work
    cdef readonly int resets            # streams that were opened and taken back
    cdef long long octets               # that came
    cdef long long worth                # those of content and of fields, both ways
    cdef int allowance                  # how many resets are too many
    cdef int refusals                   # streams that were refused

    cdef bint came(self, Py_ssize_t octets) noexcept    # these: whether too few are worth anything
    cdef bint idle(self) noexcept       # such a frame came: whether it was one too many
    cdef void forgive(self) noexcept    # a second has passed
    cdef void work(self, int frames) noexcept   # something was asked or sent: so many are in order
    cdef bint taken_back(self) noexcept     # a stream was reset before its answer: one too many
    cdef void answered(self) noexcept   # a stream has had its answer
    cdef bint refused(self) noexcept    # a stream was refused: one too many
