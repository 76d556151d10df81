from forkproxy.core.exchange cimport Exchange
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.cgi_answer cimport CgiAnswer
from forkproxy.wire.fastcgi cimport Records


cdef class FastCgiAnswer(CgiAnswer):
    """An answer in records: what is on STDOUT is the answer, what is on STDERR is logged."""

    cdef bint keeps                     # the application was asked to keep the connection
    cdef tuple caught                   # texts on STDERR that make it a failure; None
    cdef Records records
    cdef Buffer raw                     # records that have come
    cdef Exchange exchange
    cdef bytes said                     # what came on STDERR since it was last logged

    cdef void _let_go(self) noexcept
    cdef int _note(self) except -1
    cdef bint _at_end(self, Stream stream) except -1
