"""The phases with nobody at either end: what they would do to a request, told step by step.

What runs is the plan itself. Each of its steps is put into one that watches it, and what would
ask somebody else, or leave a trace behind, is named and not run. A plan that is watched is made
for that and serves nobody; one that serves has nothing of this in it.
"""

from forkproxy.core.exchange cimport Client, Exchange, Response
from forkproxy.core.plan cimport Handler, Location, Server, Step
from forkproxy.core.plan cimport answer as answer_exchange
from forkproxy.core.router cimport Names, choose_server
from forkproxy.wire.head cimport RequestHead


cdef class Asker(Client):
    """A client that is not there: addresses, and no stream."""

    def __init__(self, bytes address not None, int port, bytes own_address not None, int own_port,
                 bint secure):
        self.address = address
        self.port = port
        self.own_address = own_address
        self.own_port = own_port
        self.secure = secure
        self.number = self.requests = 1


cdef class Watched(Step):
    """A step that is told of: `tell(phase, step, exchange, asked, response)`, after it ran.

    `asked` is false where it was not run.
    """

    cdef Step inner
    cdef str phase
    cdef object tell

    cdef Response run(self, Exchange exchange):
        cdef Response response = None
        cdef bint asked = self.inner.harmless()
        if asked:
            response = self.inner.run(exchange)
        self.tell(self.phase, self.inner, exchange, asked, response)
        return response


cdef class Ended(Handler):
    """In the place of a location's handler; it answers 200 for one that would ask somebody."""

    cdef Handler inner
    cdef object tell

    cdef Response answer(self, Exchange exchange):
        cdef Response response
        cdef bint asked = self.inner.harmless()
        if asked:
            response = self.inner.answer(exchange)
        else:
            response = Response(200)
            response.from_upstream = self.inner.preview(exchange) is not None
        self.tell("content", self.inner, exchange, asked, response)
        return response


cdef tuple _watched(str phase, tuple steps, tell):
    cdef Watched made
    cdef list found = []
    for step in steps:
        made = Watched.__new__(Watched)
        made.inner = <Step?> step
        made.phase = phase
        made.tell = tell
        found.append(made)
    return tuple(found)


def watch(Location location not None, tell):
    """Put what watches around each step of a location, for good."""
    cdef Ended made
    location.rewrite = _watched("rewrite", location.rewrite, tell)
    location.preaccess = _watched("preaccess", location.preaccess, tell)
    location.access = _watched("access", location.access, tell)
    location.precontent = _watched("precontent", location.precontent, tell)
    if location.content is not None:
        made = Ended.__new__(Ended)
        made.inner = location.content
        made.tell = tell
        location.content = made


def watch_server(Server server not None, tell):
    """Do the same to the rewrite code of a server."""
    server.rewrite = _watched("server rewrite", server.rewrite, tell)


def ask(RequestHead head not None, Asker asker not None, Names names not None):
    """Take a request through the phases and filters; return the exchange, its response in it.

    Raises ProtocolError.
    """
    cdef Exchange exchange = Exchange(head, asker)
    choose_server(exchange, names, names.default)
    exchange.response = answer_exchange(exchange)
    return exchange


def server_for(RequestHead head not None, Asker asker not None, Names names not None):
    """Return the server that a request would come to."""
    cdef Exchange exchange = Exchange(head, asker)
    choose_server(exchange, names, names.default)
    return exchange.server
