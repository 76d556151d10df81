"""status_zone: the requests of a server, or of some of its locations, counted under a name."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location, LogStep, Server, Step
from forkproxy.shared.scoreboard cimport (
    ZONE_1XX, ZONE_CODES, ZONE_DISCARDED, ZONE_PROCESSING, ZONE_RECEIVED, ZONE_REQUESTS, ZONE_SENT,
)
from forkproxy.shared.tally cimport Tally, count_status


cdef class Enter(Step):
    """A request has come to the server."""

    cdef Tally tally

    cdef Response run(self, Exchange exchange):
        # The server's own phase comes again after an internal redirect.
        if exchange.zone is None:
            exchange.zone = self.tally
            self.tally.add(ZONE_PROCESSING)
        return None


cdef class Count(LogStep):
    """A request is over."""

    cdef Tally tally

    cdef int log(self, Exchange exchange) except -1:
        cdef Tally tally = self.tally
        if exchange.zone is tally:
            tally.add(ZONE_PROCESSING, -1)
        tally.add(ZONE_REQUESTS)
        tally.add(ZONE_RECEIVED, exchange.request_length())
        tally.add(ZONE_SENT, exchange.sent)
        if exchange.sent == 0:
            tally.add(ZONE_DISCARDED)
        else:
            count_status(
                tally.cells + <int> ZONE_1XX, tally.cells + <int> ZONE_CODES, exchange.status)
        return 0


def enter(scope, Server server not None, making):
    """Let a server note each request that comes to it, where it has a zone."""
    cdef Enter made
    for line in scope.own("status_zone"):
        made = Enter.__new__(Enter)
        made.tally = <Tally?> making.tally("server_zone", line.value)
        server.rewrite = (made,) + server.rewrite


def install(scope, Location location not None, making):
    """Count what ends in a location: for its server's zone, and for its own."""
    for kind, name in _zones(scope):
        location.log = location.log + (_count(making.tally(kind, name)),)


def _zones(scope):
    inner = True
    for level in scope.levels():
        if level.kind == "server":
            yield from (("server_zone", line.value) for line in level.own("status_zone"))
            return
        if inner and level.own("status_zone"):
            yield "location_zone", level.own("status_zone")[0].value
            inner = False
        if level.kind == "location":
            inner = False       # only an `if` goes on with the zone of its location


cdef Count _count(Tally tally):
    cdef Count made = Count.__new__(Count)
    made.tally = tally
    return made
