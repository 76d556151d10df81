from forkproxy.core.exchange cimport Attempt, Exchange
from forkproxy.core.incoming cimport Incoming
from forkproxy.net.buffer cimport Buffer
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.hints cimport Hints
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.pump cimport Pump
from forkproxy.wire.head cimport ResponseHead


cdef class Answer(Incoming):
    """The content of an upstream's answer; its connection goes back, or is closed, at its end."""

    cdef Connection connection
    cdef Attempt attempt
    cdef Pump pump  # that still sends the request's body, perhaps; None: it was sent
    cdef bint keep_alive                # the connection is good for another request afterwards
    cdef Py_ssize_t read_ahead  # octets in memory while the client is slow; 0: it is waited for
    cdef long long temp_file_size       # and in a file
    cdef str temp_path
    cdef Hints hints                    # None: nothing goes to the client before the final answer
    cdef double rate                    # octets a second that are read; 0.0: no limit
    cdef double since                   # monotonic, when the content began
    cdef object released                # called once, when the connection is done with

    # Octets of the answer, 0 at its end, as they come on the connection. Waits.
    cdef Py_ssize_t octets(self, Stream stream, char* into, Py_ssize_t room) except -1
    # Read the final answer's head: interim ones (1xx but 101) are passed over. What comes behind it
    # lies in `buffer`. `slow`: the content is to be read slowly, so no more of it than fits into
    # `most` is read along. Raises PeerError. Waits.
    cdef ResponseHead read_head(self, Exchange exchange, Connection connection, Buffer buffer,
                                Py_ssize_t most, bint slow)
    cdef ResponseHead _next_head(self, Stream stream, Buffer buffer, Py_ssize_t most, bytes method,
                                 bint slow)
    cdef int _more(self, Stream stream, Buffer buffer, Py_ssize_t room) except -1
    cdef int framed(self, ResponseHead head) except -1      # how long the content is
    cdef Connection detach(self)        # the connection without the content: for a tunnel
    cdef Py_ssize_t _paced(self, Py_ssize_t room) except -1
    cdef void _end(self, bint whole) noexcept
    cdef void _release(self) noexcept
