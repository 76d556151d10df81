from forkproxy.cache.fill cimport Fill
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Body, Exchange, Response


cdef class Joined(Body):
    """What is there of a content, and what comes, as one: from front to end."""

    cdef list pieces                # Bodies still to be read, each of known length
    cdef Body piece                 # that is read
    cdef long long left             # of it

    cdef bint _at_piece(self) noexcept

# Where of what is wanted one piece is missing, let the origin be asked for that alone: whether so.
cdef bint want_missing(Terms terms, Exchange exchange, Visit visit) except *
# The answer to that, where it is of use; else the origin's answer to the request as such. Waits.
cdef Response of_use(Terms terms, Exchange exchange, Visit visit, Response response)
# The answer of what is there and the piece that a fill of another request brings; None: it brings
# none.
cdef Response follow_piece(Terms terms, Exchange exchange, Visit visit, Fill fill)
# The answer of what is there and what has come.
cdef Response completed(Terms terms, Exchange exchange, Visit visit, Response piece)
