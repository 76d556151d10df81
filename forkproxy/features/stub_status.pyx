"""stub_status: how many connections there are, as the four lines that every collector knows."""

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Handler, Location
from forkproxy.shared.scoreboard cimport (
    ACCEPTED, ACTIVE, HANDLED, REQUESTS, WAITING, WRITING, Scoreboard,
)

cdef bytes PAGE = b"""\
Active connections: %d \n\
server accepts handled requests
 %d %d %d \n\
Reading: %d Writing: %d Waiting: %d \n"""


cdef class Connections:
    """The sums over all workers, once we know the scoreboard."""

    cdef Scoreboard board

    def attach(self, cells):
        """Take the scoreboard of this worker (shared.cells.Cells)."""
        self.board = <Scoreboard?> cells.board

    cdef long long total(self, int cell) except -1:
        return 0 if self.board is None else self.board.total(cell)

    cdef long long reading(self) except -1:
        """What neither waits for a request nor answers one is reading its head."""
        return max(0, self.total(ACTIVE) - self.total(WRITING) - self.total(WAITING))


cdef class Reading(Variable):

    cdef Connections connections

    cdef bytes value(self, Exchange exchange):
        return b"%d" % self.connections.reading()


cdef class Count(Variable):

    cdef Connections connections
    cdef int cell

    cdef bytes value(self, Exchange exchange):
        return b"%d" % self.connections.total(self.cell)


cdef class StubStatus(Handler):

    cdef Connections connections

    cdef Response answer(self, Exchange exchange):
        cdef Connections now = self.connections
        cdef Response response
        if exchange.method not in (b"GET", b"HEAD"):
            return fault(exchange, 405)
        page = PAGE % (
            now.total(ACTIVE), now.total(ACCEPTED), now.total(HANDLED), now.total(REQUESTS),
            now.reading(), now.total(WRITING), now.total(WAITING),
        )
        response = Response(200, None, OctetsBody(page))
        response.fields.add(b"Content-Type", b"text/plain")
        return response


def define(making):
    """Define the variables of connections, before anything is compiled that may use them."""
    cdef Connections connections = Connections()
    cdef Reading reading = Reading("connections_reading")
    cdef Count made
    reading.connections = connections
    making.slots["connections_reading"] = reading
    for name, cell in (("active", ACTIVE), ("writing", WRITING), ("waiting", WAITING)):
        made = Count(f"connections_{name}")
        made.connections = connections
        made.cell = cell
        making.slots[made.name] = made
    making.attached.append(connections)


def install(scope, Location location not None, making):
    """Let a location, or a server as a whole, answer with the numbers."""
    cdef StubStatus made
    if not scope.own("stub_status"):
        return
    made = StubStatus.__new__(StubStatus)
    made.connections = (<Reading?> making.slots["connections_reading"]).connections
    location.content = made
