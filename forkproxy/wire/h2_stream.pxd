from libc.stdint cimport uint32_t

from forkproxy.wire.fields cimport Fields
from forkproxy.wire.h2_head cimport FieldBlock
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.writer cimport Writer


cdef class H2Stream:
    """One request and its answer, as frames: what has come of it, and what is to go."""

    cdef readonly int id
    cdef object owner                   # of the floors above: who serves it; None at first
    cdef FieldBlock block               # while the head is being decoded
    cdef readonly RequestHead head      # None until it is complete, and where it was none
    cdef readonly int status            # of the refusal, where it was none
    cdef readonly str wrong             # and the reason
    cdef readonly int urgency           # RFC 9218: 0 is first, 7 last
    cdef readonly bint tunnel           # an extended CONNECT (RFC 8441)
    cdef readonly bint bare             # it ended with its head: there is no content
    cdef readonly bint ended            # the client has said all it will say
    cdef readonly bint closed           # nothing more can come or go
    cdef readonly bint malformed        # its content is not as long as it says
    cdef readonly uint32_t code         # why it was closed
    cdef readonly Fields trailers       # of the request
    cdef readonly long long received    # octets of content
    cdef Writer came                    # octets of content that nobody has taken; None: none
    cdef Py_ssize_t gone                # of these have been taken
    cdef const char* lent               # octets of content that are to go; they stay where they are
    cdef Py_ssize_t lent_length
    cdef Py_ssize_t chunk               # octets of a DATA frame
    cdef readonly bint last             # nothing follows what is lent
    cdef readonly bint done             # the end of the answer has gone
    cdef readonly long long sent        # octets of frames
    cdef bint given_up                  # we have reset it
    cdef bint announced                 # its head was complete once
    cdef bint fresh                     # its head is complete, and nobody has begun to serve it
    cdef bint noted                     # it is in the session's news

    cdef Py_ssize_t there(self) noexcept        # octets that can be taken
    cdef const char* octets(self) noexcept      # and where they are
    cdef int keep(self, const char* octets, Py_ssize_t length) except -1    # these came
    cdef void used(self, Py_ssize_t count) noexcept     # so many of them were taken
