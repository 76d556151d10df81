from forkproxy.core.exchange cimport Exchange
from forkproxy.upstream.forward cimport Forward

# When another peer may be asked: the conditions of proxy_next_upstream.
cdef enum Failure:
    ERROR = 1
    TIMEOUT = 2
    INVALID_HEADER = 4
    HTTP_500 = 8
    HTTP_502 = 16
    HTTP_503 = 32
    HTTP_504 = 64
    HTTP_403 = 128
    HTTP_404 = 256
    HTTP_429 = 512
    NON_IDEMPOTENT = 1024

# The Failure that a status is; 0: none.
cdef int failure_of(int status) except -1
# Whether another peer may be asked. Nothing of an answer has reached the client here.
cdef bint may_retry(Forward self, Exchange exchange, int failure, bint sent, int attempts)
