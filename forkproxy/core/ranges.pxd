from forkproxy.core.content cimport Wrapped
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.wire.fields cimport Fields


cdef class Unsatisfiable(Exception):
    """No part that was asked for is there: 416."""


cdef class Part(Wrapped):
    """Some octets out of a body that comes once, from front to end."""

    cdef long long skip
    cdef long long left


cdef class Parts(Wrapped):
    """Several parts of a body that can be cut, each behind a small head (RFC 9110 §14.6)."""

    cdef list pieces            # (head, start, length) still to be sent
    cdef bytes text             # of a head, or the last boundary
    cdef bytes last
    cdef long long left         # octets of the current part

    cdef bint _next(self) except -1

# The ranges in bytes that are asked for of a content with these fields; None: the whole is wanted.
cdef bytes asked_ranges(Exchange exchange, Fields fields)
# (start, end) of each part of `length` octets, `most` of them at the most, -1 for any number; None
# where the whole is to be sent. Raises Unsatisfiable.
cpdef list parse_ranges(bytes text, long long length, int most)
# Of the content, as it will be sent; -1: not known.
cdef long long content_length(Response response)
# Make an answer one of these parts of its content; whether that could be done.
cdef bint cut_to(Response response, list parts) except -1
