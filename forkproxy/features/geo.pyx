"""geo: a variable whose value depends on an address; computed when it is asked for."""

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Slot
from forkproxy.core.networks cimport Networks, Spans, forwarded, number_of

from forkproxy.core.networks import Networks as make_networks
from forkproxy.core.networks import Spans as make_spans

# What stands for a Unix socket, and for what is no address: nginx's INADDR_NONE.
DEF NOWHERE = 0xffffffff


cdef class GeoVariable(Slot):

    cdef Expression source          # None: the client's address
    cdef Spans four                 # of bytes
    cdef Spans six                  # None with ranges, which know IPv4 only
    cdef Networks proxies           # None: nobody's X-Forwarded-For counts
    cdef bint recursive
    cdef bint volatile

    cdef bytes fill(self, Exchange exchange):
        cdef bytes value = self._value_of(self._address(exchange))
        if not self.volatile:
            self.keep(exchange, value)
        return value

    cdef bytes _address(self, Exchange exchange):
        cdef bytes address = exchange.address
        cdef tuple found
        if self.source is not None:
            address = self.source.evaluate(exchange)
        if self.proxies is not None:
            lines = exchange.head.fields.all(b"x-forwarded-for")
            found = forwarded(address, lines, self.proxies, self.recursive)
            if found is not None:
                return <bytes> found[0]
        return address

    cdef bytes _value_of(self, bytes address):
        cdef bint four = True
        number = number_of(address, &four)
        if number is None or not four and self.six is None:
            return <bytes> self.four.find(NOWHERE)
        return <bytes> (self.four if four else self.six).find(number)


def declare(scope, making):
    """Make the variables of a scope's geos known, so that any expression may use them."""
    for line in scope.lines("geo"):
        name = line.value.variable
        making.slots[name] = GeoVariable(name, making.next_index())


def define(scope, making):
    """Fill in the geos of a scope, when all variables are known."""
    cdef GeoVariable made
    for line in scope.lines("geo"):
        settings = line.value
        made = <GeoVariable?> making.slots[settings.variable]
        made.source = making.expression(settings.source) if settings.source else None
        made.four = _spans(settings.four, settings.default)
        made.six = None if settings.ranges else _spans(settings.six, settings.default)
        made.proxies = make_networks(settings.proxies) if settings.proxies else None
        made.recursive = settings.proxy_recursive
        made.volatile = settings.volatile


def _spans(spans, default):
    encoded = [
        (first, last, value.encode("utf-8", "surrogateescape")) for first, last, value in spans
    ]
    return make_spans(encoded, default.encode("utf-8", "surrogateescape"))
