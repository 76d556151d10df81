"""What filters that change an answer's content have to say about it.

A filter runs when the head is about to be sent (`core.plan.Filter`) and may replace the body by one
that reads the old one. The order of filters is nginx's: conditions, added fields, content of other
kinds, compression, ranges. So a range is one of the octets that the client gets, and only content
that nobody has changed can be cut: whoever changes it calls `content_changes`.
"""

from forkproxy.core.exchange cimport Body, Response
from forkproxy.wire.fields cimport ACCEPT_RANGES, CONTENT_LENGTH, ETAG, LAST_MODIFIED, Fields


cpdef int content_changes(Response response, Body body) except -1:
    cdef Fields fields = response.fields
    cdef bytes tag
    response.body = body
    response.declared_length = -1
    response.allow_ranges = False
    fields.remove_known(CONTENT_LENGTH)
    fields.remove_known(ACCEPT_RANGES)
    tag = fields.known_value(ETAG)
    if tag is not None and not tag.startswith(b"W/"):
        # RFC 9110 §8.8.1: a strong validator changes with every octet; what is no tag is none.
        if tag.startswith(b'"'):
            fields.set(b"ETag", b"W/" + tag)
        else:
            fields.remove_known(ETAG)
    return 0


cpdef int forget_validators(Response response) except -1:
    response.fields.remove_known(LAST_MODIFIED)
    response.fields.remove_known(ETAG)
    return 0


cdef class Wrapped(Body):

    def __init__(self, Body inner not None):
        self.inner = inner

    cpdef void close(self):
        self.inner.close()
