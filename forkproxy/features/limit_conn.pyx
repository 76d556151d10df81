"""limit_conn: how many requests of each key are under way at once, over all workers.

    limit_conn_zone $binary_remote_addr zone=addr:10m;
    limit_conn      addr 10;
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location
from forkproxy.features.limits cimport Limit, Limits, configure, name, zones_of
from forkproxy.shared.counters cimport CountTable
from forkproxy.shared.scoreboard cimport (
    LIMIT_CONN_PASSED, LIMIT_CONN_REJECTED, LIMIT_CONN_REJECTED_DRY_RUN,
)
from forkproxy.shared.tag cimport tag_of

from forkproxy.features import limits
from forkproxy.shared import counters

DEF LONGEST_KEY = 255


cdef class ConnLimit(Limit):
    """One limit_conn line."""

    cdef CountTable table
    cdef int most


cdef class Held:
    """Places that an exchange has, until it ends."""

    cdef list places                # (table, place)

    def __call__(self):
        for table, place in self.places:
            (<CountTable> table).release(place)
        self.places = []


cdef class LimitConn(Limits):
    """The limits of one location."""

    cdef Response run(self, Exchange exchange):
        cdef Held held = None
        cdef ConnLimit limit
        cdef bytes key
        cdef Py_ssize_t place
        if self.variable.found(exchange):
            return None
        for one in self.limits:
            limit = <ConnLimit> one
            key = limit.key_of(exchange, LONGEST_KEY)
            if not key:
                continue
            place = limit.table.acquire(tag_of(key), limit.most)
            if place < 0:
                if held is not None:
                    held()
                return self._refuse(exchange, limit)
            if held is None:
                held = Held.__new__(Held)
                held.places = []
            held.places.append((limit.table, place))
            limit.tally.add(LIMIT_CONN_PASSED)
        if held is not None:
            exchange.main().defer(held)
            self.variable.keep(exchange, b"PASSED")
        return None

    cdef Response _refuse(self, Exchange exchange, ConnLimit limit):
        exchange.report(self.level, f"limiting connections{', dry run,' if self.dry_run else ''} "
                                    f"by zone \"{limit.zone}\"")
        return self.refusal(exchange, limit, LIMIT_CONN_REJECTED, LIMIT_CONN_REJECTED_DRY_RUN)


def define(http, making):
    """Make $limit_conn_status known."""
    limits.define("limit_conn", making)


def install(scope, Location location not None, making):
    """Hang the limit_conn lines of a scope on a location's preaccess phase."""
    cdef LimitConn made
    cdef dict zones
    lines = scope.lines("limit_conn")
    if not lines:
        return
    zones = zones_of("limit_conn", scope)
    made = LimitConn.__new__(LimitConn)
    made.limits = tuple(_limit(line.value, zones[line.value.zone], making) for line in lines)
    configure(made, "limit_conn", scope, making)
    location.preaccess = location.preaccess + (made,)


cdef ConnLimit _limit(settings, zone, making):
    cdef ConnLimit made = ConnLimit.__new__(ConnLimit)
    name(made, "limit_conn", zone, making)
    made.table = counters.table(CountTable, zone.name, zone.size)
    made.most = settings.most
    return made
