cdef class Accepted:
    """What an Accept-Encoding line says, coding by coding."""

    cdef dict qualities     # coding to thousandths
    cdef int others         # what "*" has; 0: it is not there

    # In thousandths; 0: the client does not want it, or says nothing of it.
    cpdef int quality(self, bytes coding) except -1
    # The same, but 0 where the client would rather have the content as it is.
    cpdef int preference(self, bytes coding) except -1


# `line` may be None: nothing but the content as it is.
cpdef Accepted accepted(bytes line)
