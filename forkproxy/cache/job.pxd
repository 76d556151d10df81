cdef class Job:
    """Something to do with the store of a zone, by the scribe."""

    cdef readonly object zone
    cdef readonly Py_ssize_t octets     # that it keeps in memory until it is done
    cdef readonly bint urgent           # somebody waits for it
    cdef object _work
    cdef object _done

    cpdef object before(self, object store)
    cpdef object work(self, object shelf)
    cpdef object done(self, object outcome)
