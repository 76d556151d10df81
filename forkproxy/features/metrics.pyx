"""metrics: the numbers of all workers at a location, in Prometheus' text format.

The master has them written, as it answers `api`: no worker is held up by it.
"""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Handler, Location
from forkproxy.features.api cimport asked_of_master


cdef class Metrics(Handler):

    cdef Response answer(self, Exchange exchange):
        if exchange.method not in (b"GET", b"HEAD"):
            return fault(exchange, 405)
        return asked_of_master(exchange, "/metrics", b"", False)


def install(scope, Location location not None, making):
    """Let a location answer with the numbers."""
    if scope.own("metrics"):
        location.content = Metrics.__new__(Metrics)
