from forkproxy.core.exchange cimport Body, Response

# What a filter calls that changes the octets of an answer: `body` reads the old one, which it owns
# (None where there is no content). Lengths and ranges no longer hold, and the ETag becomes weak.
cpdef int content_changes(Response response, Body body) except -1

# For content that is another each time: no Last-Modified and no ETag.
cpdef int forget_validators(Response response) except -1

# What kind of content it is, in lower case and without parameters; b"": nobody says.
cpdef bytes media_type(Response response)
cdef bint has_type(Response response, object types) except -1     # one of these; None: whatever


cdef class Wrapped(Body):
    """A body made of another one: what the bodies of filters have in common."""

    cdef Body inner


cdef class Recoded(Wrapped):
    """A body whose octets are made of the inner one's, a bounded piece at a time."""

    cdef bint over              # nothing is to be made any more
    cdef bint pending           # of the last piece more is to be made
    cdef long long taken        # octets, before and after
    cdef long long given
    cdef bytes out              # made, and the first `used` octets sent
    cdef Py_ssize_t used

    # Of the next piece, b"" behind the last one; None: go on with the one before. May set `pending`
    # (for None next time) and `over`.
    cdef bytes turn(self, bytes piece)
    cdef bint was_last(self) noexcept       # all of the inner body was taken, as far as one knows
    # The inner body has nothing at hand, and may have to wait for more.
    cdef bint nothing_follows(self) except -1
    cdef int _go_on(self, bytes piece) except -1
