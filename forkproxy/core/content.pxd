from forkproxy.core.exchange cimport Body, Response

# What a filter calls that changes the octets of an answer: `body` reads the old one, which it owns
# (None where there is no content). Lengths and ranges no longer hold, and the ETag becomes weak.
cpdef int content_changes(Response response, Body body) except -1

# For content that is another each time: no Last-Modified and no ETag.
cpdef int forget_validators(Response response) except -1


cdef class Wrapped(Body):
    """A body made of another one: what the bodies of filters have in common."""

    cdef Body inner
