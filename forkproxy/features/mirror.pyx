"""mirror: copies of a request to other locations, in the background."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location, Step
from forkproxy.core.subrequest cimport in_background, subrequest


cdef class Mirror(Step):

    cdef tuple uris
    cdef bint with_body

    cdef Response run(self, Exchange exchange):
        cdef Exchange copy
        if exchange.parent is not None:
            return None
        for uri in self.uris:
            copy = subrequest(exchange, <bytes> uri, exchange.args, self.with_body)
            copy.method = exchange.method
            in_background(copy)
        return None


def install(scope, Location location not None, making):
    """Hang the mirrors of a scope on a location's precontent phase."""
    cdef Mirror made
    uris = [line.value.encode() for line in scope.lines("mirror") if line.value is not None]
    if not uris:
        return
    made = Mirror.__new__(Mirror)
    made.uris = tuple(uris)
    made.with_body = scope.value("mirror_request_body")
    location.precontent = location.precontent + (made,)
