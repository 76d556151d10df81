from forkproxy.core.exchange cimport Exchange, Response

# Our own answer for a status: a small page, and the connection's end where the status asks for it.
cdef Response fault(Exchange exchange, int status)
# A redirect to `where`: made absolute as absolute_redirect, port_in_redirect and their kin say.
cdef Response moved(Exchange exchange, int status, bytes where)
# The standard reason of a status, b"" where there is none.
cdef bytes reason_of(int status)
# A path made a URL of the server that was asked; anything else as it is.
cpdef bytes absolute(Exchange exchange, bytes where)
