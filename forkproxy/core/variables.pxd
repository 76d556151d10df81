from forkproxy.core.expressions cimport Variable

# The variable of that name which every request has, or None where there is none.
cdef Variable builtin(str name)
