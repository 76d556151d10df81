cdef class Keyval:
    """Keys and values of one keyval_zone, as this process knows them."""

    cdef readonly str kind              # "string", "ip" or "prefix"
    cdef readonly dict entries          # key as written to (value, expires at; 0.0: never)
    cdef dict index                     # length of a prefix to {prefix: key}; of "ip" and "prefix"
    cdef tuple lengths                  # of the index, longest first

    # The value for a key at a moment (monotonic), None where there is none.
    cdef bytes find(self, bytes key, double now)
    cdef object _prefix(self, bytes key)
    cdef bytes _value(self, key, double now)
    cdef int _learn(self, bytes key) except -1
    cdef int _forget(self, bytes key) except -1
