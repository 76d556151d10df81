from forkproxy.wire.writer cimport Writer

# One variable, and the whole block of them with its header before it. Raise ProtocolError where
# they are longer than the protocol can say.
cdef int put_param(Writer to, bytes name, bytes value) except -1
cdef int put_params(Writer to, Writer params, int modifier1, int modifier2) except -1
