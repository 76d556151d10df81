"""limit_conn: how many requests of each key are under way at once, over all workers.

    limit_conn_zone $binary_remote_addr zone=addr:10m;
    limit_conn      addr 10;
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Finding
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Location, Step
from forkproxy.shared.counters cimport CountTable, tag_of
from forkproxy.shared.scoreboard cimport (
    LIMIT_CONN_PASSED, LIMIT_CONN_REJECTED, LIMIT_CONN_REJECTED_DRY_RUN,
)
from forkproxy.shared.tally cimport Tally

from forkproxy.shared import counters

DEF LONGEST_KEY = 255


cdef class Limit:
    """One limit_conn line."""

    cdef str zone
    cdef CountTable table
    cdef Tally tally
    cdef Expression key
    cdef int most


cdef class Held:
    """Places that an exchange has, until it ends."""

    cdef list places                # (table, place)

    def __call__(self):
        for table, place in self.places:
            (<CountTable> table).release(place)
        self.places = []


cdef class LimitConn(Step):
    """The limits of one location."""

    cdef tuple limits
    cdef Finding variable
    cdef int status
    cdef bint dry_run
    cdef str level

    cdef Response run(self, Exchange exchange):
        cdef Held held = None
        cdef Limit limit
        cdef bytes key
        cdef Py_ssize_t place
        if self.variable.found(exchange):
            return None
        for one in self.limits:
            limit = <Limit> one
            key = limit.key.evaluate(exchange)
            if not key or not _short_enough(exchange, limit, key):
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

    cdef Response _refuse(self, Exchange exchange, Limit limit):
        exchange.report(self.level, f"limiting connections{', dry run,' if self.dry_run else ''} "
                                    f"by zone \"{limit.zone}\"")
        if self.dry_run:
            limit.tally.add(LIMIT_CONN_REJECTED_DRY_RUN)
            self.variable.keep(exchange, b"REJECTED_DRY_RUN")
            return None
        limit.tally.add(LIMIT_CONN_REJECTED)
        self.variable.keep(exchange, b"REJECTED")
        return fault(exchange, self.status)


cdef bint _short_enough(Exchange exchange, Limit limit, bytes key) except *:
    if len(key) <= LONGEST_KEY:
        return True
    exchange.report("error", f"the value of the \"{limit.key.text}\" key is more than "
                             f"{LONGEST_KEY} bytes")
    return False


def define(http, making):
    """Make $limit_conn_status known."""
    making.slots["limit_conn_status"] = Finding("limit_conn_status", making.next_index())


def install(scope, Location location not None, making):
    """Hang the limit_conn lines of a scope on a location's preaccess phase."""
    cdef LimitConn made
    lines = scope.lines("limit_conn")
    if not lines:
        return
    zones = {line.value.name: line.value for line in scope.lines("limit_conn_zone")}
    made = LimitConn.__new__(LimitConn)
    made.limits = tuple(_limit(line.value, zones[line.value.zone], making) for line in lines)
    made.variable = making.slots["limit_conn_status"]
    made.status = scope.value("limit_conn_status")
    made.dry_run = scope.value("limit_conn_dry_run")
    made.level = scope.value("limit_conn_log_level")
    location.preaccess = location.preaccess + (made,)


cdef Limit _limit(settings, zone, making):
    cdef Limit made = Limit.__new__(Limit)
    made.zone = zone.name
    made.table = counters.table(CountTable, zone.name, zone.size)
    made.tally = making.tally("limit_conn", zone.name)
    made.key = making.expression(zone.key)
    made.most = settings.most
    return made
