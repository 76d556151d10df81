from forkproxy.cache.fill cimport Fill
from forkproxy.cache.visit cimport Visit


cdef class DistantFill(Fill):
    """What another process fills, as those see it who follow it here."""

    cdef int filler                 # its process

    cdef int _look(self) except -1

# What the holder of the visit's claim fills, once it shows it: found by all of this process from
# now on. None: it has nothing to show yet, and knows that we wait.
cdef Fill follow_elsewhere(Visit visit)
