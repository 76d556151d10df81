"""Requests that the server asks itself in order to answer a client: nginx's subrequests.

A subrequest is an exchange of its own, with its own URI, arguments and method. It has the
client's head and address, and shares its parent's variables. Its phases begin with the server's
rewrite code, may use internal locations, and leave the access phase out: who may come in was asked
of the parent.
Filters that speak to the client (`Filter.inside` is false) leave its answer alone.

    inner = subrequest(exchange, b"/auth", None)
    response = ask(inner)
    ...
    end(inner)
"""

from forkproxy.core.bodies cimport Stored, store
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Location, LogStep, Settings, answer
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.poller cimport Task, poller

from forkproxy.errors import Gone, PeerError

DEF DEEPEST = 50            # subrequests inside of one another, as nginx
DEF WORTH_READING = 65536   # octets of an unwanted answer that are read to keep its connection

cdef int running = 0        # in the background


cpdef Exchange subrequest(Exchange parent, bytes uri, bytes args, bint with_body=False):
    cdef Exchange made = _inside(parent)
    made.method = b"GET"
    made.uri = uri
    made.args = args
    made.as_sent = False
    made.internal = True
    if with_body:
        if parent.body is not None:
            store_body(parent)
        made.stored_body = parent.stored_body
    return made


cpdef Exchange clone(Exchange parent):
    cdef Exchange made = _inside(parent)
    made.method = parent.method
    made.uri = parent.uri
    made.args = parent.args
    made.as_sent = parent.as_sent
    made.uri_kept = parent.uri_kept
    made.internal = parent.internal
    made.location = parent.location
    made.captures = parent.captures
    made.stored_body = parent.stored_body
    made.content_next = True
    return made


cdef Exchange _inside(Exchange parent):
    cdef Exchange made = Exchange(parent.head, parent.client)
    if parent.values is None:
        parent.values = []
    made.values = parent.values
    made.parent = parent
    made.address = parent.address
    made.port = parent.port
    made.depth = parent.depth + 1
    made.server = parent.server
    return made


cpdef Response ask(Exchange inner):
    try:
        inner.response = _cycle(inner) if inner.depth > DEEPEST else answer(inner)
    except BaseException as error:
        inner.status = 499 if isinstance(error, Gone) else 500
        end(inner)
        raise
    inner.status = inner.response.status
    if inner.failure is not None:
        inner.report("info" if inner.status < 500 else "error",
                     inner.failure.decode(errors="replace"))
    return inner.response


cdef Response _cycle(Exchange inner):
    inner.failure = b"subrequests cycle"
    return fault(inner, 500)


cpdef int end(Exchange inner) except -1:
    cdef Response response = inner.response
    cdef Unwanted unwanted
    if inner.ended:
        return 0
    inner.ended = True
    if not inner.background:
        inner.background = True             # the client's stream is the parent's again
        inner.client.stream.waiting_upstream = None
    if response is not None and response.body is not None and _worth_reading(response.body):
        # A peer that sends a short page behind its head keeps its connection; nobody waits for it.
        unwanted = Unwanted.__new__(Unwanted)
        unwanted.inner = inner
        unwanted.begin()
        return 0
    _let_go(inner)
    return 0


cdef int _let_go(Exchange inner) except -1:
    cdef Location location = <Location> inner.location
    inner.completed = True
    if inner.response is not None and inner.response.body is not None:
        inner.response.body.close()
    inner.finish()
    if location is not None and location.settings.log_subrequest:
        for step in location.log:
            (<LogStep> step).log(inner)
    return 0


cdef bint _worth_reading(Body body) except -1:
    """Use up what is there without waiting; return whether a short rest is on its way."""
    cdef const char* octets = NULL
    cdef Py_ssize_t count
    if not isinstance(body, Incoming) or body.length > WORTH_READING:
        return False
    while (<Incoming> body).content_read < WORTH_READING:
        count = body.at_hand(&octets)
        if count == 0:
            return not (<Incoming> body).ended
        body.took(count)
    return False


cdef class Unwanted(Task):
    """Reads what nobody wants of an answer."""

    cdef Exchange inner
    cdef long long most             # octets that are read

    cdef int begin(self) except -1:
        global running
        running += 1
        self.most = WORTH_READING
        poller.soon(self)
        return 0

    cdef int run(self) except -1:
        global running
        try:
            self._read(self.inner.response.body)
        finally:
            running -= 1
            _let_go(self.inner)
        return 0

    cdef int _read(self, Body body) except -1:
        cdef Buffer waste
        cdef Py_ssize_t count
        if body is None:
            return 0
        waste = lend_large()
        try:
            while self.most > 0:
                count = body.read_into(waste.data, waste.size)
                if count == 0:
                    break
                self.most -= count
                self.inner.content_sent += count
        except PeerError as error:
            self.inner.report("error", error.reason)
        finally:
            give_back(waste)
        return 0

    def __repr__(self):
        return f"<subrequest {self.inner.uri.decode(errors='replace')}>"


cdef class Background(Unwanted):
    """A subrequest nobody waits for."""

    cdef int run(self) except -1:
        global running
        try:
            ask(self.inner)
            self._read(self.inner.response.body)
        except Gone as error:
            self.inner.report("info", str(error))
        finally:
            running -= 1
            if not self.inner.ended:
                self.inner.ended = True
                _let_go(self.inner)
        return 0


cpdef int in_background(Exchange inner) except -1:
    cdef Background made = Background.__new__(Background)
    inner.background = True
    inner.values = list(inner.values)       # from here on the parent's change without it
    inner.client.local_address()            # to be known although the connection may go before
    if inner.stored_body is not None:
        inner.stored_body = (<Stored> inner.stored_body).again()
        inner.defer((<object> inner.stored_body).close)
    made.inner = inner
    made.begin()
    made.most = 1LL << 62
    return 0


cpdef int under_way() noexcept:
    return running


cdef int store_body(Exchange exchange, bint buffered=True) except -1:
    cdef Settings settings = (<Location> exchange.location).settings
    cdef const char* octets = NULL
    cdef Py_ssize_t in_memory = settings.client_body_buffer_size
    if not buffered:
        in_memory = max(in_memory, exchange.body.at_hand(&octets))     # it is in memory already
    exchange.stored_body = store(exchange.body, in_memory,
                                 settings.client_body_temp_path,
                                 settings.client_body_in_file if buffered else 0)
    exchange.body = None
    exchange.defer((<object> exchange.stored_body).close)
    return 0
