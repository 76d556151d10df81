from forkproxy.cache.storing cimport Storing


cdef class Joining(Storing):
    """What the scribe has to do for a part: it goes into the file of the parts that are there."""

    cdef bint head_omitted              # the client has the fields that the answer left out
    cdef unsigned long long into        # whose file has its octets already; 0: none has

    cdef object _there(self, object octets)
