"""Buffers: blocks of octets outside of Python's heap, lent and given back.

There are two sizes, and some of each are kept for the next user: a worker under load asks for no
memory. Who lends one alone uses it, and gives it back once; it is empty when it is lent again.
"""

from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memmove

DEF KEPT = 256          # buffers of each size kept for the next user

cdef list small_buffers = []
cdef list large_buffers = []


cdef class Buffer:

    def __cinit__(self, Py_ssize_t size=LARGE):
        self.data = <char*> malloc(size)
        if self.data == NULL:
            raise MemoryError()
        self.size = size

    def __dealloc__(self):
        free(self.data)

    cdef Py_ssize_t length(self) noexcept:
        return self.end - self.start

    cdef Py_ssize_t room(self) noexcept:
        return self.size - self.end

    cdef void compact(self) noexcept:
        if self.start:
            memmove(self.data, self.data + self.start, self.end - self.start)
            self.end -= self.start
            self.start = 0

    cdef int grow(self, Py_ssize_t size) except -1:
        cdef char* larger
        if size > self.size:
            larger = <char*> realloc(self.data, size)
            if larger == NULL:
                raise MemoryError()
            self.data = larger
            self.size = size
        return 0


cdef Buffer lend_small():
    return _lent(small_buffers, SMALL)


cdef Buffer lend_large():
    return _lent(large_buffers, LARGE)


cdef Buffer _lent(list kept, Py_ssize_t size):
    cdef Buffer buffer
    if not kept:
        return Buffer(size)
    buffer = <Buffer> kept.pop()
    buffer.start = buffer.end = 0
    return buffer


cdef void give_back(Buffer buffer) noexcept:
    if buffer is None:
        return
    if buffer.size == SMALL:
        if len(small_buffers) < KEPT:
            small_buffers.append(buffer)
    elif buffer.size == LARGE:
        if len(large_buffers) < KEPT:
            large_buffers.append(buffer)
