"""allow and deny: the first rule that fits the client's address decides; none is no opinion."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport PASSED, Guard, Location
from forkproxy.shared.networks cimport Networks

from forkproxy.config.directives.access import ALL, UNIX

cdef enum:
    ALLOW = 1
    DENY = 2


cdef class Access(Guard):
    """The rules of one location."""

    cdef Networks networks

    cdef bint harmless(self) noexcept:
        return True

    cdef Response judge(self, Exchange exchange):
        cdef int verdict = self.networks.find(exchange.address)
        if verdict == 0:
            return None
        if verdict == ALLOW:
            return PASSED
        exchange.report("error", "access forbidden by rule")
        return fault(exchange, 403)


cdef dict made_before = {}      # of the load that is under way: servers share their http's rules


def define(http, making):
    """Begin a load."""
    made_before.clear()


def install(scope, Location location not None, making):
    """Hang the allow and deny lines of a scope on a location's access phase."""
    cdef Access made
    rules = tuple([line.value for line in scope.together("allow", "deny")])
    if not rules:
        return
    made = made_before.get(rules)
    if made is None:
        made = made_before[rules] = Access.__new__(Access)
        made.networks = Networks(
            ((None if rule.who == ALL else rule.who, ALLOW if rule.allow else DENY)
             for rule in rules if rule.who != UNIX),
            next((ALLOW if rule.allow else DENY for rule in rules if rule.who in (ALL, UNIX)), 0))
    location.access = location.access + (made,)
