from libc.stdint cimport uint64_t

cdef uint64_t tag_of(bytes key)     # never 0
