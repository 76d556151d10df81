"""The exchange of one HTTP/2 stream, served as any, and what becomes of the stream after it."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Server
from forkproxy.downstream.http2_reply cimport reply_h2, write_informational
from forkproxy.downstream.http2_stream cimport H2Body, Substream
from forkproxy.net.poller cimport poller
from forkproxy.net.relay cimport relay
from forkproxy.net.stream cimport Stream
from forkproxy.shared.scoreboard cimport REQUESTS, WRITING
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.h2_sending cimport INTERNAL_ERROR, NO_ERROR, PROTOCOL_ERROR
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.names cimport NameSet

from forkproxy.errors import Gone, ProtocolError


cdef class Exchanging(Task):

    cdef int run(self) except -1:
        self.client.run()
        return 0

    def __repr__(self):
        return f"<stream {self.client.frames.id} of connection {self.client.number}>"


cdef class H2Client(Serving):

    cdef int begin(self) except -1:
        """Serve the stream in a greenlet of its own. In the hub."""
        cdef Exchanging task = Exchanging.__new__(Exchanging)
        cdef Substream stream = Substream.__new__(Substream)
        stream.frames = self.frames
        stream.outlet = self.outlet
        stream.readable = stream.writable = True
        self.stream = stream
        task.client = self
        return poller.start(task)

    cdef int run(self) except -1:
        cdef RequestHead head = self.frames.head
        cdef Exchange exchange
        if head is None:
            head = RequestHead.__new__(RequestHead)
            head.stand_in(b"")
            head.major = 2
        exchange = Exchange(head, self)
        self.facts[<int> REQUESTS] += 1
        self.facts[<int> WRITING] += 1
        try:
            if self.frames.wrong is not None:
                exchange.body = self._open_body(exchange)
                self.refuse(exchange, self.frames.status, self.frames.wrong)
            else:
                self.serve(exchange, self._open_body(exchange))
        except (Gone, OSError):
            pass            # nobody is there any more; what was under way has been logged
        finally:
            self.facts[<int> WRITING] -= 1
            self._end(exchange)
        return 0

    cdef H2Body _open_body(self, Exchange exchange):
        cdef H2Body body
        self.continued = not exchange.head.expect_continue
        if self.frames.bare or self.frames.tunnel:
            return None
        body = H2Body.__new__(H2Body)
        body.frames = self.frames
        body.client = self
        body.exchange = exchange
        body.before = self.first.default.settings
        body.left = body.length = exchange.head.content_length
        exchange.body = body
        return body

    cdef Response unwelcome(self, Exchange exchange):
        if self.everywhere or (<Server> exchange.server).http2:
            return None
        exchange.failure = (b"client attempted to request the server name "
                            b"for which the negotiated protocol is disabled")
        return fault(exchange, 421)

    cdef int send(self, Exchange exchange, Response response) except -1:
        try:
            if self.frames.tunnel and response.tunnel is None and 200 <= response.status < 300:
                # RFC 9110 §9.3.6: "Any 2xx (Successful) response indicates that the sender […] will
                # switch to tunnel mode immediately": the client would take content for frames.
                exchange.report("error", "a WebSocket was asked for and the answer was none")
                response = fault(exchange, 501)
            reply_h2(self, exchange, response)
            exchange.completed = True
            if response.tunnel is not None:
                self._tunnel(exchange, response)
        finally:
            self.stream.sent = self.frames.sent
        return 0

    cdef int _tunnel(self, Exchange exchange, Response response) except -1:
        """Content both ways until both sides have ended (RFC 8441 §5). Waits."""
        cdef long long before = self.frames.sent
        if response.early:
            self.stream.send_all(PyBytes_AS_STRING(response.early),
                                 PyBytes_GET_SIZE(response.early))
        try:
            relay(self.stream, response.tunnel, response.tunnel_limit)
        except TimeoutError:
            exchange.report("info", "tunnel timed out")
        except (Gone, OSError, ProtocolError):
            pass            # one side went away: so a tunnel ends
        exchange.content_sent = self.frames.sent - before
        return 0

    cdef int _end(self, Exchange exchange) except -1:
        """The exchange is over: what is left of the stream is reset, with the reason."""
        cdef unsigned int code = NO_ERROR
        if not self.frames.closed:
            if exchange.status == 408 or exchange.failure == b"client timed out":
                code = PROTOCOL_ERROR           # as nginx: the client did not keep to the times
            elif not exchange.completed:
                code = INTERNAL_ERROR
            if code != NO_ERROR or not self.frames.done or not self.frames.ended:
                self.outlet.session.reset(self.frames, code)
        if isinstance(exchange.body, H2Body):
            (<H2Body> exchange.body).exchange = None
        (<Stream> self.stream).close()
        self.outlet.session.release(self.frames)
        self.outlet.produce()
        self.outlet.released(self.stream)
        return 0

    cdef int continue_request(self) except -1:
        if not self.continued:
            self.continued = True
            self.inform(100, None, None)
        return 0

    cdef int inform(self, int status, Fields fields, NameSet hidden) except -1:
        write_informational(self.outlet.session, self.frames, status, fields, hidden)
        return self.outlet.produce()

    cdef int descriptor(self) noexcept:
        return self.connection.stream.fd

    cdef int _find_own(self) except -1:
        if self.own_address is None:
            self.own_address = self.connection.local_address()
            self.own_port = self.connection.local_port()
        return 0
