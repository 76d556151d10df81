"""What limit_req and limit_conn have in common: keys in zones, and what becomes of a refusal."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Finding
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Step


cdef class Limit:

    cdef bytes key_of(self, Exchange exchange, Py_ssize_t longest):
        cdef bytes key = self.key.evaluate(exchange)
        if key is None or len(key) <= longest:
            return key
        exchange.report("error", f"the value of the \"{self.key_text}\" key is more than "
                                 f"{longest} bytes")
        return None


cdef class Limits(Step):

    cdef Response refusal(self, Exchange exchange, Limit limit, int rejected, int dry_run):
        if self.dry_run:
            limit.tally.add(dry_run)
            self.variable.keep(exchange, b"REJECTED_DRY_RUN")
            return None
        limit.tally.add(rejected)
        self.variable.keep(exchange, b"REJECTED")
        return fault(exchange, self.status)


def define(str directive not None, making):
    """Make the variable known that says how a directive judged a request."""
    name = f"{directive}_status"
    making.slots[name] = Finding(name, making.next_index())


cdef dict zones_of(str directive, object scope):
    """The zones of a directive, by name."""
    return {line.value.name: line.value for line in scope.lines(f"{directive}_zone")}


cdef int configure(Limits made, str directive, object scope, object making) except -1:
    """Read the directives beside the lines themselves."""
    made.variable = making.slots[f"{directive}_status"]
    made.status = scope.value(f"{directive}_status")
    made.dry_run = scope.value(f"{directive}_dry_run")
    made.level = scope.value(f"{directive}_log_level")
    return 0


cdef int name(Limit made, str directive, object zone, object making) except -1:
    """Say which zone a line counts in."""
    made.zone = zone.name
    made.tally = making.tally(directive, zone.name)
    made.key = making.expression(zone.key)
    made.key_text = zone.key_text
    return 0
