from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Finding
from forkproxy.core.plan cimport Step
from forkproxy.shared.tally cimport Tally


cdef class Limit:
    """One line: a zone, whose key is counted."""

    cdef str zone
    cdef Tally tally
    cdef Expression key
    cdef str key_text

    # What is counted of a request; None or empty: nothing. Longer keys are reported, not counted.
    cdef bytes key_of(self, Exchange exchange, Py_ssize_t longest)


cdef class Limits(Step):
    """All lines of one directive that hold in a location, and what becomes of refusals."""

    cdef tuple limits
    cdef Finding variable           # $limit_…_status
    cdef int status
    cdef bint dry_run
    cdef str level

    # Answer a refusal, which `limit` counts in one of two cells; None in a dry run.
    cdef Response refusal(self, Exchange exchange, Limit limit, int rejected, int dry_run)


cdef int configure(Limits made, str directive, object scope, object making) except -1
cdef int name(Limit made, str directive, object zone, object making) except -1
cdef dict zones_of(str directive, object scope)
