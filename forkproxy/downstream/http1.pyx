"""One HTTP/1 connection: heads in, answers out, idle in between without a greenlet."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint64_t

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location, Settings
from forkproxy.downstream.reply cimport interim, reply
from forkproxy.downstream.request_body cimport RequestBody
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.buffer cimport Buffer, give_back, lend_large, lend_small
from forkproxy.net.poller cimport Task, poller
from forkproxy.net.relay cimport relay
from forkproxy.net.stream cimport Sleeper, Stream
from forkproxy.shared.scoreboard cimport REQUESTS, WAITING, WRITING
from forkproxy.wire.chunked cimport ChunkedDecoder
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport RequestHead, parse_request
from forkproxy.wire.head_limits cimport HeadLimits, request_head_length
from forkproxy.wire.names cimport NameSet

from forkproxy.errors import Gone, ProtocolError
from forkproxy.shared.logfile import files


cdef class Dozing(Sleeper):

    cdef void woken(self, Stream stream) noexcept:
        cdef Http1 client = self.client
        stream.read_by = 0.0
        client._wake_up()
        poller.wake(client.conversation)

    cdef void expired(self, Stream stream) noexcept:
        self.client.close()


cdef class Conversation(Task):

    cdef int run(self) except -1:
        self.client.converse()
        return 0

    def __repr__(self):
        return f"<connection {self.client.number} of {self.client.address.decode()}>"


cdef class Http1(Serving):

    def __init__(self, Stream stream not None, bytes address not None, int port, listener, acceptor,
                 long long number):
        self.arrive(stream, address, port, listener, acceptor, number)
        self.dozing = Dozing.__new__(Dozing)
        self.dozing.client = self
        self.conversation = Conversation.__new__(Conversation)
        self.conversation.client = self
        stream.write_limit = self.first.default.settings.send_timeout

    cdef int begin(self, uint64_t* facts) except -1:
        """Wait for the first request. In the hub, or in a greenlet."""
        self.facts = facts
        self._sleep(poller.now + self.first.client_header_timeout)

    cdef int serve_now(self, uint64_t* facts) except -1:
        """As begin, in a greenlet that is there already. Waits."""
        self.facts = facts
        return self.converse()

    cdef int converse(self) except -1:
        """Serve what the client asks until nothing is left or the connection ends. Waits."""
        cdef RequestHead head
        cdef Exchange exchange
        cdef bint pipelined = False
        try:
            while True:
                try:
                    head = self._head()
                except ProtocolError as error:
                    self._refuse_head(error.status, error.reason)
                    break
                except TimeoutError:
                    self._refuse_head(408, "client timed out")
                    break
                if head is None:
                    if self.asleep:
                        return 0
                    break
                exchange = Exchange(head, self)
                exchange.pipelined = pipelined
                self.requests += 1
                self.facts[<int> REQUESTS] += 1
                self.facts[<int> WRITING] += 1
                try:
                    self._answer(exchange)
                finally:
                    self.facts[<int> WRITING] -= 1
                if not exchange.keep_alive:
                    self._linger(exchange)
                    break
                exchange = None
                head = None
                pipelined = self.buffer is not None and self.buffer.length() > 0
        except (Gone, OSError):
            pass            # nobody is there any more; what was under way has been logged
        # Who reads the log once the connection has ended finds its line there, as with nginx.
        files.flush()
        self.close()
        return 0

    cdef RequestHead _head(self):
        """Read the next head. None: the client has ended, or said nothing yet and sleeps. Waits."""
        cdef Py_ssize_t scanned = 0, length = 0, count
        cdef HeadLimits limits = self.first.limits
        cdef Buffer buffer = self.buffer
        cdef RequestHead head
        self.stream.read_limit = 0.0
        self.head_by = 0.0
        while True:
            if buffer is not None and buffer.end > buffer.start:
                length = request_head_length(buffer.data + buffer.start, buffer.length(),
                                             &scanned, limits)
                if length:
                    break
                if self.head_by == 0.0:
                    self.head_by = poller.now + self.first.client_header_timeout
                if buffer.room() == 0:
                    buffer.compact()
                    if buffer.room() == 0:
                        buffer.grow(2 * buffer.size)
            elif buffer is None:
                buffer = self.buffer = lend_small()
            else:
                buffer.start = buffer.end = 0       # what was in it has been used up
            count = self.stream.try_recv(buffer.data + buffer.end, buffer.room())
            if count == 0:
                return None
            if count > 0:
                buffer.end += count
                continue
            if buffer.end == buffer.start:
                self._sleep(poller.now + self._patience())
                return None
            self.stream.read_by = self.head_by
            self.stream.wait_readable()
        self.stream.read_by = 0.0
        head = parse_request(buffer.data + buffer.start, length, limits)
        buffer.start += length
        return head

    cdef double _patience(self):
        """Seconds that an idle connection is kept."""
        if self.requests == 0:
            return self.first.client_header_timeout
        return self.acceptor.patience(self.idle_limit)

    cdef void _sleep(self, double until) noexcept:
        give_back(self.buffer)
        self.buffer = None
        self.asleep = True
        self.facts[<int> WAITING] += 1
        self.stream.read_by = until
        self.stream.sleeper = self.dozing
        if self.stream.readable:
            # Nobody looked yet, or octets are there: at once, rather than at an edge that was.
            self._wake_up()
            poller.soon(self.conversation)

    cdef void _wake_up(self) noexcept:
        self.asleep = False
        self.stream.sleeper = None
        self.facts[<int> WAITING] -= 1

    cdef int _refuse_head(self, int status, str reason) except -1:
        """Answer what was no request, and end the connection. Waits."""
        cdef Exchange exchange = Exchange(_no_head(self.buffer), self)
        self.requests += 1
        self.refuse(exchange, status, reason)
        self._linger(exchange)
        return 0

    cdef int _answer(self, Exchange exchange) except -1:
        """One exchange, and what is left of its body. Waits."""
        cdef RequestBody body = self._open_body(exchange)
        self.serve(exchange, body)
        if body is not None:
            if exchange.keep_alive:
                exchange.keep_alive = self._discard(body)
            body.exchange = None
        return 0

    cdef RequestBody _open_body(self, Exchange exchange):
        cdef RequestHead head = exchange.head
        cdef RequestBody body
        self.continued = not head.expect_continue
        exchange.keep_alive = head.keep_alive
        if not head.chunked and head.content_length <= 0:
            return None
        body = RequestBody.__new__(RequestBody)
        body.client = self
        body.exchange = exchange
        body.before = self.first.default.settings
        body.buffer = self.buffer
        if head.chunked:
            body.decoder = ChunkedDecoder()
        else:
            body.left = body.length = head.content_length
        exchange.body = body
        return body

    cdef int send(self, Exchange exchange, Response response) except -1:
        reply(self.stream, exchange, response)
        exchange.completed = True
        if response.tunnel is not None:
            self._tunnel(exchange, response)
        return 0

    cdef int settle(self, Exchange exchange, Settings settings) except -1:
        self.idle_limit = settings.keepalive_timeout
        if (settings.keepalive_timeout <= 0.0 or self.requests >= settings.keepalive_requests
                or wall() - self.since > settings.keepalive_time or self.acceptor.draining):
            exchange.keep_alive = False
        elif exchange.body is not None and not self.continued:
            # The client waits to be asked for its body, and need not send it after this answer:
            # whether body or request comes next would be a guess (RFC 9110 §10.1.1).
            exchange.keep_alive = False
        return 0

    cdef int continue_request(self) except -1:
        if not self.continued:
            self.continued = True
            self.stream.send_all(b"HTTP/1.1 100 Continue\r\n\r\n", 25)
        return 0

    cdef int inform(self, int status, Fields fields, NameSet hidden) except -1:
        cdef bytes head = interim(status, fields, hidden)
        if head is not None:
            self.stream.send_all(PyBytes_AS_STRING(head), PyBytes_GET_SIZE(head))
        return 0

    cdef int _tunnel(self, Exchange exchange, Response response) except -1:
        """The connection is no longer HTTP: octets both ways until both sides have ended. Waits."""
        cdef Stream tunnel = response.tunnel
        cdef Buffer buffer = self.buffer
        cdef long long before = self.stream.sent
        exchange.keep_alive = False
        self.tunnelling = True
        if response.early:
            self.stream.send_all(PyBytes_AS_STRING(response.early),
                                 PyBytes_GET_SIZE(response.early))
        if buffer is not None and buffer.length():
            tunnel.send_all(buffer.data + buffer.start, buffer.length())
        give_back(buffer)
        self.buffer = None
        try:
            relay(self.stream, tunnel, response.tunnel_limit)
        except TimeoutError:
            exchange.report("info", "tunnel timed out")
        except (Gone, OSError):
            pass            # one side went away: so a tunnel ends
        exchange.content_sent = self.stream.sent - before
        return 0

    cdef bint _discard(self, RequestBody body) except -1:
        """Read what nobody wanted of a request's body, so that the next head can follow. Waits."""
        cdef Buffer waste
        if body.ended:
            return True
        if not self.continued:
            return False        # whether the body will come at all is the client's choice
        waste = lend_large()
        try:
            while body.content_read < 1048576:
                if body.read_into(waste.data, waste.size) == 0:
                    return True
        except (ProtocolError, TimeoutError):
            pass
        finally:
            give_back(waste)
        return False

    cdef int _linger(self, Exchange exchange) except -1:
        """Read on for a moment before closing, so that a reset does not overtake the answer. Waits.

        RFC 9112 §9.6. Needed only where the client may still be sending.
        """
        cdef Settings settings = (<Location> exchange.location).settings
        cdef double until
        cdef Buffer waste
        cdef RequestBody body
        if self.tunnelling or self.stream.hung_up or not settings.lingering_close:
            return 0
        if exchange.body is not None:
            body = <RequestBody> exchange.body
            if body.ended and not self.stream.readable:
                return 0
        elif exchange.status != 400 and exchange.status != 408 and not self.stream.readable:
            return 0
        self.stream.shut()
        until = poller.now + settings.lingering_time
        waste = lend_large()
        try:
            while poller.now < until:
                self.stream.read_by = min(until, poller.now + settings.lingering_timeout)
                if self.stream.recv_into(waste.data, waste.size) == 0:
                    break
        except TimeoutError:
            pass
        finally:
            give_back(waste)
        return 0

    cdef void wind_down(self, double until) noexcept:
        if self.asleep and self.stream.read_by > until:
            self.stream.read_by = until

    cdef void cut(self) noexcept:
        """Who waits on the connection, or for its upstream, stops with an error."""
        cdef Stream stream = self.stream
        if self.asleep:
            self.close()
            return
        if stream.waiting_upstream is not None:
            stream.waiting_upstream.abandon()
        stream.close()

    cdef void close(self) noexcept:
        if self.dozing is None:
            return
        if self.asleep:
            self._wake_up()
        give_back(self.buffer)
        self.buffer = None
        self.stream.close()
        self.acceptor.gone(self)
        # The cycle of client, dozing and conversation: memory goes back without the collector.
        self.dozing.client = None
        self.dozing = None


cdef RequestHead _no_head(Buffer buffer):
    """Stands for a head that could not be parsed; what came of its first line is for the log."""
    cdef RequestHead head = RequestHead.__new__(RequestHead)
    cdef bytes came = b""
    if buffer is not None:
        came = buffer.data[buffer.start:min(buffer.end, buffer.start + 8192)]
    return head.stand_in(came)
