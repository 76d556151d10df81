from forkproxy.core.exchange cimport Exchange, Response

# Let an answer's content go to the client no faster than exchange.limit_rate says.
cdef int pace(Exchange exchange, Response response) except -1

# A size in nginx's form; 0 for what is none.
cdef long long octets_of(bytes text) except -1
