from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task


cdef class Included(Task):
    """An answer that becomes a part of a page, when it is its turn."""

    cdef Exchange inner
    cdef bytes command              # as the page has it
    cdef bytes variable             # of `set`: where the answer goes instead; None
    cdef bytes stub                 # the text of the block that stands in for an empty one; None
    cdef Gate gate                  # None: nobody has asked yet
    cdef Response answered
    cdef object failure
    cdef bint left

    cdef int ask_now(self) except -1    # while something else is sent
    cdef Response answer(self)          # Waits.
    cdef int leave(self) except -1      # nothing more is wanted of it

# One that has not been asked for.
cdef Included included(Exchange page, bytes path, bytes args, bytes command)
