"""add_header: fields for responses of good status, or of any with `always`."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Filter, Location

# The statuses whose answers get what has no `always`.
cdef frozenset GOOD = frozenset((200, 201, 204, 206, 301, 302, 303, 304, 307, 308))


cdef class AddHeaders(Filter):
    """The add_header lines of one location."""

    cdef list lines                 # (name, Expression, always)

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bint good = response.status in GOOD
        cdef bytes value
        for name, expression, always in self.lines:
            if not (good or always):
                continue
            value = (<Expression> expression).evaluate(exchange)
            if value:
                _add(response, <bytes> name, value)
        return 0


cdef int _add(Response response, bytes name, bytes value) except -1:
    if b"\r" in value or b"\n" in value or b"\0" in value:
        # A value from a variable must not start a field of its own (deviation D2).
        value = value.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ")
    lower = name.lower()
    if lower == b"last-modified" or lower == b"etag":
        response.fields.set(name, value)
    else:
        response.fields.add(name, value)
    return 0


def install(scope, Location location not None, making):
    """Hang the add_header lines of a scope on a location's filters."""
    cdef AddHeaders made
    lines = scope.lines("add_header")
    if not lines:
        return
    made = AddHeaders.__new__(AddHeaders)
    made.lines = [
        (line.value.name.encode(), making.expression(line.value.value), line.value.always)
        for line in lines
    ]
    location.filters = location.filters + (made,)
