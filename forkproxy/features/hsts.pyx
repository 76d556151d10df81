"""Strict-Transport-Security (RFC 6797), by the hsts of `https auto`: browsers come by TLS only.

Every location of the server says it, whatever add_header lines of its own it has.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Filter, Location

cdef bytes NAME = b"Strict-Transport-Security"


cdef class Hsts(Filter):

    cdef bytes value

    cdef int shape(self, Exchange exchange, Response response) except -1:
        # RFC 6797 §7.2: not over plain HTTP, where anybody could have said it.
        if exchange.client.tls is not None:
            response.fields.set(NAME, self.value)
        return 0


def install(scope, Location location not None, making):
    """Let a location say it, where its server's `https` line has hsts."""
    cdef Hsts made
    line = scope.given("https") if scope.kind != "http" else None
    if line is None or not line.value.hsts:
        return
    made = Hsts.__new__(Hsts)
    made.value = b"max-age=%d" % line.value.hsts
    location.filters = location.filters + (made,)
