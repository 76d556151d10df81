"""limit_rate: so many octets of an answer a second.

    limit_rate 100k;  limit_rate_after 1m;
    set $limit_rate 10k;                    # and X-Accel-Limit-Rate of an upstream: they win
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Slot
from forkproxy.core.pace cimport octets_of
from forkproxy.core.plan cimport Filter, Location


cdef class Rate(Slot):
    """$limit_rate: the octets a second that were set, as a number; else 0."""

    cdef bytes value(self, Exchange exchange):
        return b"%d" % octets_of(exchange.limit_rate)

    cdef void keep(self, Exchange exchange, bytes value):
        exchange.limit_rate = value


cdef class LimitRate(Filter):
    """The limit of one location."""

    cdef Expression rate
    cdef Expression after

    cdef int shape(self, Exchange exchange, Response response) except -1:
        if exchange.limit_rate is None:
            exchange.limit_rate = self.rate.evaluate(exchange)
        exchange.limit_rate_after = self.after.evaluate(exchange)
        return 0


def define(http, making):
    """Make $limit_rate known."""
    making.slots["limit_rate"] = Rate("limit_rate", making.next_index())


def install(scope, Location location not None, making):
    """Hang the limit_rate of a scope on a location's filters."""
    cdef LimitRate made
    rate, after = scope.value("limit_rate"), scope.value("limit_rate_after")
    if rate == ("0",) and after == ("0",):
        return
    made = LimitRate.__new__(LimitRate)
    made.rate = making.expression(rate)
    made.after = making.expression(after)
    location.filters = location.filters + (made,)
