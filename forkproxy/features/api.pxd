from forkproxy.core.exchange cimport Exchange, Response

# Carry a question to the master; return its answer, or 504. Waits.
cdef Response asked_of_master(Exchange exchange, str path, bytes body, bint write)
