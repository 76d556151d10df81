from libc.stdint cimport uint64_t

from forkproxy.cache.entry cimport Entry
from forkproxy.cache.fill cimport Fill
from forkproxy.cache.zone cimport Zone


cdef class Visit:
    """What one exchange has to do with a zone: what $upstream_cache_* tell."""

    cdef Zone zone
    cdef bytes key                  # in the store
    cdef bytes place                # where the selected entry lies, or would: a variant's key
    cdef bytes specs                # by which fields answers under the key vary, as its note says
    cdef uint64_t number            # of the key, for the shared tables
    cdef unsigned long long identity    # of the entry that is the answer; 0: none is
    cdef int status                 # a zone.Status
    cdef int reason                 # a Refusal: why the answer was not stored
    cdef bint cacheable             # the answer may be stored
    cdef bint claimed               # we are the one who fetches; the fill takes that over
    cdef bint background            # the client has its answer already
    cdef Entry stale                # what is there and not good any more
    cdef Entry partial              # parts are there, but not those that are wanted
    cdef bint ranged                # the origin is asked for a part
    cdef bint as_sent               # just as the client did, with all its conditions
    cdef bytes range                # that the origin is asked for by ourselves
    cdef bytes if_range
    cdef tuple piece                # (start, stop) of what is asked for to complete `partial`; None
    cdef tuple shown                # then: and of what the client gets
    cdef tuple sides                # Bodies of what is there before the piece and behind it
    cdef Fill fill                  # others wait for it
    cdef bytes etag                 # that the upstream is asked by
    cdef bytes modified
    cdef double age
