"""satisfy, auth_delay: how the guards of the access phase are asked together."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport PASSED, Guard, Location, Step
from forkproxy.net.delay cimport delay


cdef class Together(Step):
    """All the guards of a location, with a 401 held back."""

    cdef tuple guards
    cdef double hold

    cdef bint harmless(self) noexcept:
        for guard in self.guards:
            if not (<Step> guard).harmless():
                return False
        return True

    cdef Response run(self, Exchange exchange):
        cdef Response said = self._ask(exchange)
        if (said is not None and said.status == 401 and self.hold > 0.0
                and exchange.client.stream is not None):
            delay(exchange.client.stream, self.hold)
        return said

    cdef Response _ask(self, Exchange exchange):
        cdef Response said
        for guard in self.guards:
            said = (<Step> guard).run(exchange)
            if said is not None:
                return said
        return None


cdef class Any(Together):
    """One guard that lets in is enough; of refusals, a 401 goes before a 403."""

    cdef Response _ask(self, Exchange exchange):
        cdef Response said, refusal = None
        for guard in self.guards:
            if not isinstance(guard, Guard):
                said = (<Step> guard).run(exchange)
            else:
                said = (<Guard> guard).judge(exchange)
            if said is None:
                continue
            if said is PASSED:
                exchange.carry(b"WWW-Authenticate", [])
                return None
            if said.status != 401 and said.status != 403:
                return said
            if refusal is None or refusal.status != 401:
                refusal = said
        return refusal


def install(scope, Location location not None, making):
    """Put the guards of a location together; behind all that add one."""
    cdef Together made
    cdef double hold = scope.value("auth_delay")
    whether_any = scope.value("satisfy") == "any"
    if not location.access or (hold == 0.0 and not whether_any):
        return
    made = Any.__new__(Any) if whether_any else Together.__new__(Together)
    made.guards = location.access
    made.hold = hold
    location.access = (made,)
