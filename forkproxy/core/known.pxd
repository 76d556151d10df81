from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable

ctypedef bytes (*Getter)(Exchange exchange)
# Makes the variable of a family; `rest` is what follows the prefix, in lower case.
ctypedef Variable (*Maker)(str name, bytes rest)


cdef class Known(Variable):
    """A variable that one function computes."""

    cdef Getter getter


# Let a name be a variable of every request.
cdef int know(str name, Getter getter) except -1
# Let every name with that prefix be one.
cdef int know_family(str prefix, Maker maker) except -1
# The variable of that name, or None where there is none.
cdef Variable builtin(str name)

# nginx's form of a duration: seconds with three digits; "-" where there is none (below zero).
cdef bytes seconds(double duration)
