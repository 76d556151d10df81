from libc.stdint cimport uint64_t

from forkproxy.cache.growing cimport Growing
from forkproxy.cache.zone cimport Zone


cdef class Head:
    """What others need to know of a fill before its content."""

    cdef bytes entry                # the answer's head, as an entry without its content
    cdef bytes place                # the key that it will be stored under
    cdef long long length           # of the content; -1: known only at its end
    cdef long long start            # of a part: where in the whole it begins; -1: it is the whole


cdef class Showing:
    """What other processes may see of a fill of ours: nothing, until one of them has called."""

    cdef Zone zone
    cdef uint64_t number            # of the claim
    cdef Growing content
    cdef str path                   # of the file that has the head, once it is there
    cdef bint over

    cdef Head head(self)            # to be overridden
    cdef int look(self) except -1
    cdef int _show(self) except -1
    cdef void end(self, bint whole) noexcept

# Be ready to show a fill from now on, until its `end`.
cdef int ready_to_show(Showing showing) except -1
# The file that has the head of what a process fills under a claim.
cdef str head_path(Zone zone, int pid, uint64_t number)
# What is in such a file; None where that is nothing. Raises OSError where there is none.
cdef Head read_head(str path)
