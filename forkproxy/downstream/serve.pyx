"""One exchange, whatever the protocol: server, phases, errors to answers, delivery, log line."""

from libc.stdint cimport uint64_t

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Client, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Location, LogStep, Server, Settings, answer
from forkproxy.core.router cimport choose_server
from forkproxy.downstream.request_body cimport RequestBody
from forkproxy.net.stream cimport Stream
from forkproxy.net.tls cimport TlsStream

from forkproxy.errors import Gone, ProtocolError


cdef class Serving(Client):

    cdef int arrive(self, Stream stream, bytes address, int port, object listener, object acceptor,
                    long long number) except -1:
        self.stream = stream
        self.address = address
        self.port = port
        self.listener = listener
        self.acceptor = acceptor
        self.number = number
        self.names = listener.names
        self.first = self.names.default
        self.since = wall()
        return 0

    cdef int belong(self, Serving connection) except -1:
        self.address = connection.address
        self.port = connection.port
        self.listener = connection.listener
        self.acceptor = connection.acceptor
        self.number = connection.number
        self.requests = connection.requests
        self.since = connection.since
        self.names = connection.names
        self.first = connection.first
        self.facts = connection.facts
        self.tls = connection.tls
        self.secure = connection.secure
        self.proxy_line = connection.proxy_line
        return 0

    cdef int opened_by(self, Server server, TlsStream tls, bint plain_on_tls,
                       object proxy_line) except -1:
        self.tls = tls
        self.secure = tls is not None
        self.plain_on_tls = plain_on_tls
        self.proxy_line = proxy_line
        if server is not None:
            self.first = server
        return 0

    cdef int send(self, Exchange exchange, Response response) except -1:
        raise NotImplementedError

    cdef int serve_now(self, uint64_t* facts) except -1:
        raise NotImplementedError

    cdef void wind_down(self, double until) noexcept:
        pass

    cdef void cut(self) noexcept:
        pass

    cdef Response unwelcome(self, Exchange exchange):
        return None

    cdef int settle(self, Exchange exchange, Settings settings) except -1:
        return 0

    cdef int serve(self, Exchange exchange, RequestBody body) except -1:
        cdef Response response
        try:
            try:
                choose_server(exchange, self.names, self.first)
                if exchange.head.doubt is not None:
                    exchange.report("warn", f"client sent {exchange.head.doubt}: repaired")
                response = self.unwelcome(exchange)
                if response is None:
                    response = _unwanted(exchange)
                response = answer(exchange, response)
                if body is not None and exchange.body is body and not response.from_upstream:
                    _look_at(body)
            except ProtocolError as error:
                response = _refusal(exchange, error.status, error.reason)
            self._deliver(exchange, response)
        except Gone as error:
            exchange.keep_alive = False
            if exchange.status == 0:
                exchange.status = 499
            exchange.report("info", str(error))
        except Exception as error:
            exchange.keep_alive = False
            exchange.report_bug(error)
            if exchange.status == 0:
                self._deliver(exchange, fault(exchange, 500))
        finally:
            exchange.finish()
            self._log(exchange)
        return 0

    cdef int refuse(self, Exchange exchange, int status, str reason) except -1:
        exchange.server = self.first
        try:
            self._deliver(exchange, _refusal(exchange, status, reason))
        finally:
            self._log(exchange)
        return 0

    cdef int _deliver(self, Exchange exchange, Response response) except -1:
        """Send the answer, and account for it. Waits."""
        cdef long long before = self.stream.sent
        cdef Location location = <Location> exchange.location
        exchange.response = response
        if location is None:
            location = exchange.location = (<Server> exchange.server).default
        if exchange.keep_alive:
            self.settle(exchange, location.settings)
        if exchange.failure is not None:
            exchange.report("info" if response.status < 500 else "error",
                            exchange.failure.decode(errors="replace"))
        if response.close_unanswered:
            exchange.status = response.status
            return 0
        try:
            self.send(exchange, response)
        except TimeoutError:
            raise Gone("client timed out") from None
        except OSError as error:
            # Of the client's socket: what a body meets on its own side is no OSError by then.
            raise Gone(f"send() failed ({error.errno}: {error.strerror})") from None
        finally:
            exchange.sent = self.stream.sent - before
            self.stream.waiting_upstream = None
            if response.body is not None:
                response.body.close()
        return 0

    cdef int _log(self, Exchange exchange) except -1:
        cdef Location location = <Location> exchange.location
        if location is None:
            location = self.first.default
            exchange.location = location
        for step in location.log:
            (<LogStep> step).log(exchange)
        return 0


cdef Response _refusal(Exchange exchange, int status, str reason):
    """What a server says to what is no request: with its error pages and fields. The last answer.

    Waits.
    """
    cdef Response response
    exchange.failure = reason.encode()
    exchange.keep_alive = False
    exchange.location = (<Server> exchange.server).default
    if exchange.uri is None:
        exchange.uri = b""
    response = answer(exchange, fault(exchange, status))
    exchange.keep_alive = False
    return response


cdef Response _unwanted(Exchange exchange):
    """Requests that no location ever sees, each the last of its connection.

    What comes behind a CONNECT is octets for somebody else, not a request.
    """
    cdef bytes method = exchange.head.method
    if method == b"CONNECT" and not _names_a_port(exchange.head.authority):
        exchange.failure = b"client sent invalid request target"
        return fault(exchange, 400)
    if method == b"TRACE" or method == b"CONNECT":
        exchange.failure = b"client sent %s method" % method
        exchange.keep_alive = False
        return fault(exchange, 405)
    if not exchange.uri.startswith(b"/"):
        exchange.failure = b"client sent invalid request target"
        exchange.keep_alive = False
        return fault(exchange, 400)
    return None


cdef bint _names_a_port(bytes authority):
    """RFC 9110 §9.3.6: CONNECT names host and port, and nothing else."""
    return authority is not None and authority.rpartition(b":")[2].isdigit()


cdef int _look_at(RequestBody body) except -1:
    """A body that nobody read is still a 400 where what came of it is no chunked coding."""
    cdef const char* octets = NULL
    if body.decoder is None:
        return 0
    try:
        body.at_hand(&octets)
    except ProtocolError as error:
        if error.status == 400:
            raise
        # That it is too long is no matter for who does not want it, but the connection ends.
        (<Exchange> body.exchange).keep_alive = False
    return 0
