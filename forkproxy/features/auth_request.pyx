"""auth_request: a location inside says whether a request may come in.

    auth_request     /auth;
    auth_request_set $user $upstream_http_x_user;

2xx lets in, 401 and 403 refuse (with its WWW-Authenticate), anything else is an error of ours.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Slot
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport PASSED, Guard, Location
from forkproxy.core.subrequest cimport ask, end, subrequest


cdef class AuthRequest(Guard):

    cdef bytes uri
    cdef tuple variables            # (Slot, Expression); None for the slot of $args

    cdef Response judge(self, Exchange exchange):
        cdef Exchange inner = subrequest(exchange, self.uri, None)
        cdef Response answered = ask(inner)
        try:
            self._set(exchange, inner)
            return _verdict(exchange, answered)
        finally:
            end(inner)

    cdef int _set(self, Exchange exchange, Exchange inner) except -1:
        """Values see the subrequest, variables are the parent's (and shared)."""
        cdef bytes value
        for slot, expression in self.variables:
            value = (<Expression> expression).evaluate(inner)
            if slot is None:
                exchange.args = value
                exchange.as_sent = False
            else:
                (<Slot> slot).keep(exchange, value)
        return 0


cdef Response _verdict(Exchange exchange, Response answered):
    if 200 <= answered.status < 300:
        return PASSED
    if answered.status == 401:
        exchange.carry(b"WWW-Authenticate", answered.fields.all(b"www-authenticate"))
    elif answered.status != 403:
        exchange.report("error", f"auth request unexpected status: {answered.status}")
        return fault(exchange, 500)
    return fault(exchange, answered.status)


def install(scope, Location location not None, making):
    """Hang the auth_request of a scope on a location's access phase."""
    cdef AuthRequest made
    uri = scope.value("auth_request")
    if not uri:
        return
    made = AuthRequest.__new__(AuthRequest)
    made.uri = uri.encode("utf-8", "surrogateescape")
    made.variables = tuple(
        (None if line.value.name == "args" else making.slot(line.value.name),
         making.expression(line.value.value))
        for line in scope.lines("auth_request_set")
    )
    location.access = location.access + (made,)
