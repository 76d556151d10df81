from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.wire.names cimport NameSet


cdef class Suspicion:
    """What of a request could make an origin answer something that its key does not tell."""

    cdef public NameSet replaced        # fields of the client that proxy_set_header replaces
    cdef public frozenset keyed         # fields that are in the key: $http_…
    cdef public bint body_keyed         # so is the content: $request_body

    cdef int of_request(self, Exchange exchange) except -1      # a Refusal, or 0
    cdef int of_answer(self, Exchange exchange, Response response) except -1
