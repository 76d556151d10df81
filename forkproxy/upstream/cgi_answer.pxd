from forkproxy.upstream.answer cimport Answer
from forkproxy.wire.head cimport ResponseHead


cdef class CgiAnswer(Answer):
    """An answer as CGI has it (RFC 3875 §6): field lines, the status among them, and the content.

    Where `native`, a status line of HTTP's may stand before the fields.
    """

    cdef bint native

    cdef int _interpret(self, ResponseHead head) except -1
