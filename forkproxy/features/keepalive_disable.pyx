"""keepalive_disable: connections of some old clients that cannot keep them are not kept."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Filter, Location
from forkproxy.wire.names cimport USER_AGENT


cdef class KeepaliveDisable(Filter):

    cdef bint msie6                 # after a POST
    cdef bint safari                # on macOS

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes agent
        if not exchange.keep_alive or not (self.safari or exchange.head.method == b"POST"):
            return 0
        agent = exchange.head.fields.known_value(USER_AGENT)
        if agent is None:
            return 0
        if self.msie6 and exchange.head.method == b"POST" and is_msie6(agent):
            exchange.keep_alive = False
        elif self.safari and is_safari(agent):
            exchange.keep_alive = False
        return 0


def is_msie6(bytes agent not None):
    """Tell whether it is Internet Explorer 4 to 6, but 6 of Windows XP SP2."""
    at = agent.find(b"MSIE ")
    if at < 0 or b"Opera" in agent or agent[at + 6:at + 7] != b".":
        return False
    version = agent[at + 5:at + 6]
    return version in (b"4", b"5") or version == b"6" and b"SV1" not in agent[at:]


def is_safari(bytes agent not None):
    """Tell whether it is Safari on macOS, and nothing that only says so."""
    if b"Opera" in agent or b"Gecko/" in agent or b"Chrome/" in agent:
        return False
    return b"Safari/" in agent and b"Mac OS X" in agent


def install(scope, Location location not None, making):
    """Hang it on a location's filters, where there is a client to look for."""
    cdef KeepaliveDisable made
    disabled = scope.value("keepalive_disable") - {"none"}
    if not disabled:
        return
    made = KeepaliveDisable.__new__(KeepaliveDisable)
    made.msie6 = "msie6" in disabled
    made.safari = "safari" in disabled
    location.filters = location.filters + (made,)
