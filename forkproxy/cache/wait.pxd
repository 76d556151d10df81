from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange, Response

# One fetches for all: become that one (None), or wait for its answer. Waits.
cdef Response wait_for_answer(Terms terms, Exchange exchange, Visit visit)
