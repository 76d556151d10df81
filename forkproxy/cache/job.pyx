"""What the scribe is given to do."""


cdef class Job:

    def __init__(self, zone, Py_ssize_t octets, work, done):
        self.zone = zone
        self.octets = octets
        self.urgent = True
        self._work = work
        self._done = done

    cpdef object before(self, object store):
        return None

    cpdef object work(self, object shelf):
        return self._work(shelf)

    cpdef object done(self, object outcome):
        return self._done(outcome)
