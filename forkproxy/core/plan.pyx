"""Phases: what happens to a request, in nginx's order, as flat tuples made at load time.

A step returns None to go on, a Response to answer; the answer still passes the filters and the log
phase. There is nothing else to return: a step that has to wait waits.
"""

from forkproxy.core.exchange cimport REROUTED, Exchange, Response
from forkproxy.core.faults cimport fault, moved
from forkproxy.core.pace cimport pace
from forkproxy.core.router cimport NOTHING, SLASH_MISSING, Found, Locations
from forkproxy.wire.names cimport LAST_MODIFIED
from forkproxy.wire.target cimport escape_path

from forkproxy.errors import ProtocolError

DEF ROUNDS = 10         # rewrites and internal redirects until it counts as a cycle


cdef class Step:

    cdef Response run(self, Exchange exchange):
        raise NotImplementedError

    cdef bint harmless(self) noexcept:
        return False


cdef class Guard(Step):

    cdef Response judge(self, Exchange exchange):
        raise NotImplementedError

    cdef Response run(self, Exchange exchange):
        cdef Response said = self.judge(exchange)
        return None if said is PASSED else said


cdef Response PASSED = Response(0)


cdef class Handler:

    cdef Response answer(self, Exchange exchange):
        raise NotImplementedError

    cdef bint harmless(self) noexcept:
        return False

    cpdef object preview(self, Exchange exchange):
        return None


cdef class Origin(Handler):

    cdef Response answer(self, Exchange exchange):
        cdef Response response = self.ask(exchange)
        if response.from_upstream:
            self.dress(exchange, response)
        return self.finish(exchange, response)

    cdef int announce(self, Exchange exchange) except -1:
        return 0

    cdef Response ask(self, Exchange exchange):
        raise NotImplementedError

    cdef int dress(self, Exchange exchange, Response response) except -1:
        return 0

    cdef Response finish(self, Exchange exchange, Response response):
        return response


cdef class Filter:

    cdef int shape(self, Exchange exchange, Response response) except -1:
        raise NotImplementedError


cdef class LogStep:

    cdef int log(self, Exchange exchange) except -1:
        raise NotImplementedError


cdef class Replacement:

    cdef Response replace(self, Exchange exchange, Response response):
        raise NotImplementedError


cdef class Settings:
    pass


cdef class Location:

    def __init__(self, str name not None, bytes path not None):
        self.name = name
        self.path = path
        self.rewrite = self.preaccess = self.access = self.precontent = ()
        self.filters = self.log = self.captures = ()

    def __repr__(self):
        return f"<Location {self.name}>"


cdef class Server:

    def __init__(self, bytes name not None):
        self.name = name
        self.rewrite = ()
        self.named = {}

    def __repr__(self):
        return f"<Server {self.name.decode(errors='replace')}>"


cdef Response answer(Exchange exchange, Response refusal=None):
    cdef Response response = None
    cdef Location location
    while True:
        try:
            if refusal is not None:
                response = refusal
                refusal = None
            elif exchange.redirects > ROUNDS:
                response = _cycle(exchange)
            else:
                response = _through(exchange)
        except ProtocolError as error:
            exchange.failure = error.reason.encode(errors="replace")
            exchange.keep_alive = False
            response = fault(exchange, error.status)
        except TimeoutError:
            # Only reading from the client lets one through: upstreams have their own.
            exchange.failure = b"client timed out"
            exchange.keep_alive = False
            response = fault(exchange, 408)
        if response is REROUTED:
            continue
        location = <Location> exchange.location
        if location is None:
            location = exchange.server.default
        if (location.error_pages is not None and not response.from_upstream
                and not response.text_given and response.status >= 300
                and exchange.redirects <= ROUNDS):
            response = _replaced(exchange, location, response)
            if response is REROUTED:
                continue
        break
    if exchange.error_status and not response.special:
        # A page in place of an error shows the error's status; an error in place of a page its own.
        response.status = exchange.error_status
        response.reason = None
        if response.status >= 300 and not response.from_upstream:
            # As nginx: of an error it is not said since when it has been one.
            response.fields.remove_known(LAST_MODIFIED)
    if exchange.carried is not None:
        _carry(exchange.carried, response)
    location = <Location> exchange.location
    if location is None:
        location = exchange.server.default
    exchange.response = response
    for step in location.filters:
        if exchange.parent is None or (<Filter> step).inside:
            (<Filter> step).shape(exchange, response)
    if exchange.limit_rate is not None and exchange.parent is None:
        pace(exchange, response)
    return response


cdef int _carry(list carried, Response response) except -1:
    """Put fields that an earlier answer left behind in place of the answer's, but its Location."""
    if response.fields.has(b"location"):
        carried = [one for one in carried if one[0] != b"Location"]
    for name, _ in carried:
        if name != b"Set-Cookie":
            response.fields.remove(name.lower())
    for name, value in carried:
        response.fields.add(name, value)
    return 0


cdef Response _replaced(Exchange exchange, Location location, Response response):
    cdef object found
    if exchange.error_page_used and not location.recursive_error_pages:
        return response
    found = location.error_pages.get(response.shown_for or response.status)
    if found is None:
        return response
    exchange.error_page_used = True
    return (<Replacement> found).replace(exchange, response)


cdef Response _through(Exchange exchange):
    """The phases, once. May return REROUTED."""
    cdef Response response
    cdef Location location
    if exchange.content_next:
        exchange.content_next = False
        return (<Location> exchange.location).content.answer(exchange)
    if exchange.location is None:
        # A named location was chosen by who rerouted; all else is found here.
        response = _run(exchange, exchange.server.rewrite)
        if response is not None:
            return response
        exchange.uri_changed = False
        response = _find_location(exchange)
        if response is not None:
            return response
    while (<Location> exchange.location).rewrite:
        response = _run(exchange, (<Location> exchange.location).rewrite)
        if response is not None:
            return response
        if not exchange.uri_changed:
            break
        # Another location, but not the server's rewrite code once more.
        exchange.redirects += 1
        if exchange.redirects > ROUNDS:
            return _cycle(exchange)
        exchange.uri_changed = False
        response = _find_location(exchange)
        if response is not None:
            return response
    location = <Location> exchange.location         # an `if` block may have put itself there
    if location.preaccess:
        response = _run(exchange, location.preaccess)
        if response is not None:
            return response
    if location.access and exchange.parent is None:     # who may come in was asked outside
        response = _run(exchange, location.access)
        if response is not None:
            return response
    if location.precontent:
        response = _run(exchange, location.precontent)
        if response is not None:
            return response
    return location.content.answer(exchange)


cdef Response _cycle(Exchange exchange):
    exchange.failure = b"rewrite or internal redirection cycle"
    return fault(exchange, 500)


cdef Response _run(Exchange exchange, tuple steps):
    cdef Response response
    for step in steps:
        response = (<Step> step).run(exchange)
        if response is not None:
            return response
    return None


cdef Response _find_location(Exchange exchange):
    cdef Found how = NOTHING
    cdef Server server = <Server> exchange.server
    cdef Location found = None
    cdef bytes where
    if server.locations is not None:
        found = (<Locations> server.locations).find(exchange, &how)
    if how == NOTHING:
        found = server.default
    if found.excepted is not None and exchange.method not in found.methods:
        found = found.excepted
    exchange.location = found
    if found.internal and not exchange.internal:
        return fault(exchange, 404)
    if how == SLASH_MISSING:
        where = escape_path(found.path)
        if exchange.args is not None:
            where += b"?" + exchange.args
        return moved(exchange, 301, where)
    if (found.settings.client_max_body_size and not exchange.error_page_used
            and exchange.parent is None
            and exchange.head.content_length > found.settings.client_max_body_size):
        exchange.failure = (b"client intended to send too large body: %d bytes"
                            % exchange.head.content_length)
        exchange.keep_alive = False
        return fault(exchange, 413)
    return None
