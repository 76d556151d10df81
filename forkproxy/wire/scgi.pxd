from forkproxy.wire.writer cimport Writer

# One header, and the whole block of them with its length before it.
cdef int put_param(Writer to, bytes name, bytes value) except -1
cdef int put_params(Writer to, Writer params) except -1
