from libc.stdint cimport uint64_t

from forkproxy.cache.job cimport Job
from forkproxy.cache.zone cimport Zone


cdef class Storing(Job):
    """What the scribe has to do for an answer that is complete."""

    cdef Zone cache
    cdef bytes entry                # its octets
    cdef bytes key
    cdef bytes place                # the key that it is stored under: the variant's, or `key`
    cdef bytes note                 # octets of the note under `key`, where answers vary
    cdef str path                   # of its file; None where it has none
    cdef uint64_t number            # of the claim
    cdef uint64_t purges            # of the zone, when the origin was asked
    cdef bint claimed               # until it is in the store
    cdef int cause                  # a zone.Status: what the cache said to who asked first
    cdef long long length           # of the content

    cdef int check_purges(self) except -1
    cdef int put(self, object shelf, bytes octets) except -1
