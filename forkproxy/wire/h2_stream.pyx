"""One stream of HTTP/2, without a socket: what has come of it and waits to be taken."""

from libc.string cimport memmove

from forkproxy.wire.writer cimport Writer

DEF CHUNK = 8192                # octets of a DATA frame, where nobody says
DEF URGENCY = 3                 # where nobody says (RFC 9218 §4.1)
DEF KEPT = 65536                # octets of a buffer that is used again


cdef class H2Stream:

    def __cinit__(self):
        self.chunk = CHUNK
        self.urgency = URGENCY

    cdef Py_ssize_t there(self) noexcept:
        return 0 if self.came is None else self.came.used - self.gone

    cdef const char* octets(self) noexcept:
        return self.came.data + self.gone

    cdef int keep(self, const char* octets, Py_ssize_t length) except -1:
        if self.came is None:
            self.came = Writer()
            self.gone = 0
        elif self.gone and self.came.used + length > self.came.size:
            self.came.used -= self.gone
            memmove(self.came.data, self.came.data + self.gone, self.came.used)
            self.gone = 0
        return self.came.put(octets, length)

    cdef void used(self, Py_ssize_t count) noexcept:
        self.gone += count
        if self.gone == self.came.used:
            if self.came.size > KEPT or self.ended:
                self.came = None
            else:
                self.came.clear()
            self.gone = 0

    def __repr__(self):
        return f"<stream {self.id}>"
