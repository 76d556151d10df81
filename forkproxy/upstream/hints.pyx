"""early_hints: what an upstream says before its answer, so that a client loads ahead (RFC 8297)."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, truth
from forkproxy.upstream.request_head cimport remove_listed
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.names cimport NameSet


cdef class Hints:

    def __init__(self, tuple conditions not None, NameSet hidden not None):
        self.conditions = conditions
        self.hidden = hidden

    cdef int show(self, Exchange exchange, ResponseHead head) except -1:
        # RFC 9110 §15.2: "a server MUST NOT send a 1xx response to an HTTP/1.0 client".
        if exchange.parent is not None or exchange.head.minor == 0:
            return 0
        for condition in self.conditions:
            if truth((<Expression> condition).evaluate(exchange)):
                break
        else:
            return 0
        if head.connection_names:
            remove_listed(head.fields)
        return exchange.client.inform(head.status, head.fields, self.hidden)
