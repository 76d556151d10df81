"""One HTTP/1 connection: heads in, answers out, idle in between without a greenlet."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memmove
from libc.stdint cimport uint64_t
from posix.uio cimport iovec

from forkproxy.clock cimport monotonic, wall
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.exchange cimport Attempt, Body, Client, Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.faults cimport fault, reason_of
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Location, LogStep, Server, Settings, answer
from forkproxy.core.router cimport Names
from forkproxy.net.poller cimport Task, poller
from forkproxy.net.relay cimport relay
from forkproxy.net.stream cimport Buffer, Sleeper, Stream, give_back, lend_large, lend_small
from forkproxy.shared.scoreboard cimport REQUESTS, WAITING, WRITING
from forkproxy.wire.chunk cimport CHUNK_FRONT, frame_chunk
from forkproxy.wire.chunked cimport ChunkedDecoder
from forkproxy.wire.fields cimport CONTENT_TYPE, Fields
from forkproxy.wire.head cimport HeadLimits, RequestHead, parse_request, request_head_length
from forkproxy.wire.target cimport normalise_path
from forkproxy.wire.writer cimport Writer

from forkproxy.errors import Gone, PeerError, ProtocolError
from forkproxy.wire.dates import http_date

# Where an answer's head is written before it is sent. Nothing that waits may keep it.
cdef Writer scratch = Writer()

DEF WITH_HEAD = 16384       # octets of a body that are copied behind the head rather than sent by writev


cdef class Dozing(Sleeper):

    cdef void woken(self, Stream stream) noexcept:
        cdef Http1 client = self.client
        stream.read_by = 0.0
        client._wake_up()
        try:
            poller.start(client.conversation)
        except Exception as error:
            poller.report("unhandled while a connection woke", error)

    cdef void expired(self, Stream stream) noexcept:
        self.client.close()


cdef class Conversation(Task):

    cdef int run(self) except -1:
        self.client.converse()
        return 0

    def __repr__(self):
        return f"<connection {self.client.number} of {self.client.address.decode()}>"


cdef class Http1(Client):

    def __init__(self, Stream stream not None, bytes address not None, int port, listener, acceptor,
                 long long number):
        self.stream = stream
        self.address = address
        self.port = port
        self.listener = listener
        self.acceptor = acceptor
        self.number = number
        self.names = listener.names
        self.first = self.names.default
        self.since = wall()
        self.dozing = Dozing.__new__(Dozing)
        self.dozing.client = self
        self.conversation = Conversation.__new__(Conversation)
        self.conversation.client = self
        stream.write_limit = self.first.default.settings.send_timeout

    cdef int begin(self, uint64_t* facts) except -1:
        """Wait for the first request. In the hub, or in a greenlet."""
        self.facts = facts
        self._sleep(poller.now + self.first.client_header_timeout)

    cdef int converse(self) except -1:
        """Serve what the client asks until there is nothing left to read, or the connection ends. Waits."""
        cdef RequestHead head
        cdef Exchange exchange
        cdef bint pipelined = False
        try:
            while True:
                try:
                    head = self._head()
                except ProtocolError as error:
                    self._refuse(error.status, error.reason)
                    break
                except TimeoutError:
                    self._refuse(408, "client timed out")
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
                    self._serve(exchange)
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
                length = request_head_length(buffer.data + buffer.start, buffer.length(), &scanned, limits)
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
        return self.acceptor.patience(self.first.default.settings.keepalive_timeout)

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

    cdef int _refuse(self, int status, str reason) except -1:
        """Answer what was no request, log it, and end the connection."""
        cdef RequestHead head = _no_head(self.buffer)
        cdef Exchange exchange = Exchange(head, self)
        cdef Response response
        self.requests += 1
        exchange.server = self.first
        exchange.uri = b""
        exchange.keep_alive = False
        exchange.failure = reason.encode()
        response = fault(exchange, status)
        exchange.location = self.first.default
        try:
            self._deliver(exchange, response)
        finally:
            self._log(exchange)
        self._linger(exchange)
        return 0

    cdef int _serve(self, Exchange exchange) except -1:
        """One exchange, from its head to its log line. Waits."""
        cdef Response response
        cdef RequestBody body = self._open_body(exchange)
        try:
            try:
                self._choose_server(exchange)
                response = _unwanted(exchange)
                if response is None:
                    response = answer(exchange)
            except ProtocolError as error:
                exchange.failure = error.reason.encode()
                exchange.keep_alive = False
                response = fault(exchange, error.status)
                exchange.location = exchange.server.default
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
        if exchange.keep_alive and body is not None:
            exchange.keep_alive = self._discard(body)
        if body is not None:
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
        body.buffer = self.buffer
        if head.chunked:
            body.decoder = ChunkedDecoder()
        else:
            body.left = body.length = head.content_length
        exchange.body = body
        return body

    cdef int _choose_server(self, Exchange exchange) except -1:
        cdef RequestHead head = exchange.head
        cdef Server server = self.first
        exchange.server = server
        if head.hostname is not None and not self.names.alone:
            server = self.names.find(exchange, head.hostname)
            exchange.server = server
        exchange.uri = normalise_path(head.path, server.merge_slashes)
        exchange.args = head.query
        return 0

    cdef int _deliver(self, Exchange exchange, Response response) except -1:
        """Send the answer, and account for it. Waits."""
        cdef long long before = self.stream.sent
        cdef Location location = <Location> exchange.location
        exchange.response = response
        if location is None:
            location = exchange.location = (<Server> exchange.server).default
        self._decide_keep_alive(exchange, location.settings)
        if exchange.failure is not None:
            exchange.report("info" if response.status < 500 else "error",
                            exchange.failure.decode(errors="replace"))
        if response.close_unanswered:
            exchange.status = response.status
            return 0
        try:
            self._reply(exchange, response)
            exchange.completed = True
            if response.tunnel is not None:
                self._tunnel(exchange, response)
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

    cdef int _decide_keep_alive(self, Exchange exchange, Settings settings) except -1:
        if not exchange.keep_alive:
            return 0
        if (settings.keepalive_timeout <= 0.0 or self.requests >= settings.keepalive_requests
                or wall() - self.since > settings.keepalive_time or self.acceptor.draining):
            exchange.keep_alive = False
        return 0

    cdef int _reply(self, Exchange exchange, Response response) except -1:
        cdef Settings settings = (<Location> exchange.location).settings
        cdef Body body = response.body
        cdef const char* octets = NULL
        cdef Py_ssize_t count = 0
        cdef bint chunked = False, last = False
        self.stream.write_limit = settings.send_timeout
        exchange.status = response.status
        if body is not None and body.length < 0 and response.status != 204 and response.status != 304:
            chunked = exchange.head.minor == 1 and settings.chunked
            if not chunked:
                exchange.keep_alive = False
        _write_head(exchange, response, settings, chunked)
        exchange.header_sent = scratch.used
        if body is None or exchange.head.method == b"HEAD":
            self._send_scratch(NULL, 0)
            return 0
        count = body.at_hand(&octets)
        if chunked and count:
            scratch.put_hex(count)
            scratch.put(b"\r\n", 2)
        last = count > 0 and _ends_with(body, count)
        if 0 < count <= WITH_HEAD:
            scratch.put(octets, count)
            if chunked:
                scratch.put(b"\r\n", 2)
                if last:
                    _write_last(scratch, body)
            self._send_scratch(NULL, 0)
        elif count:
            self._send_scratch(octets, count)
            if chunked:
                self.stream.send_all(b"\r\n", 2)
                if last:
                    scratch.clear()
                    _write_last(scratch, body)
                    self._send_scratch(NULL, 0)
        else:
            self._send_scratch(NULL, 0)
        if count:
            exchange.content_sent += count
            body.took(count)
        if last or body.length == exchange.content_sent:
            return 0
        if isinstance(body, FileBody) and self.stream.plain() and settings.sendfile:
            return self._send_file(exchange, <FileBody> body)
        return self._send_rest(exchange, body, chunked)

    cdef int _send_rest(self, Exchange exchange, Body body, bint chunked) except -1:
        cdef Buffer buffer = lend_large()
        cdef Py_ssize_t count, front, went
        cdef iovec piece
        cdef bint ahead = False
        try:
            while True:
                count = body.read_into(buffer.data + CHUNK_FRONT, buffer.size - CHUNK_FRONT - 2)
                if count == 0:
                    break
                exchange.content_sent += count
                front = CHUNK_FRONT
                if chunked:
                    front = frame_chunk(buffer.data, CHUNK_FRONT, count)
                    count += CHUNK_FRONT - front + 2
                piece.iov_base = buffer.data + front
                piece.iov_len = count
                went = self.stream.try_sendv(&piece, 1)
                if went < count:
                    if not ahead:
                        ahead = True
                        body = body.read_on()
                        exchange.defer((<object> body).close)
                    self.stream.send_all(buffer.data + front + went, count - went)
                if exchange.content_sent == body.length:
                    break
        except PeerError as error:
            # Half an answer is out. Only the connection's end can tell the client so.
            exchange.keep_alive = False
            exchange.report("error", error.reason)
            raise Gone("upstream failed in the middle of its answer") from None
        finally:
            give_back(buffer)
        if chunked:
            scratch.clear()
            _write_last(scratch, body)
            self._send_scratch(NULL, 0)
        return 0

    cdef int _send_file(self, Exchange exchange, FileBody body) except -1:
        cdef Py_ssize_t went
        while body.left:
            went = self.stream.try_send_file(body.fd, body.offset, min(body.left, 2097152))
            if went == 0:
                if self.stream.writable:
                    raise Gone("the file became shorter while it was sent")
                self.stream.wait_writable()
                continue
            body.took(went)
            exchange.content_sent += went
        return 0

    cdef int _send_scratch(self, const char* octets, Py_ssize_t length) except -1:
        """Send what is in `scratch`, then `octets`. What does not go at once is copied before waiting."""
        cdef iovec pieces[2]
        cdef Py_ssize_t went
        cdef bytes rest = None
        pieces[0].iov_base = scratch.data
        pieces[0].iov_len = scratch.used
        pieces[1].iov_base = <void*> octets
        pieces[1].iov_len = length
        went = self.stream.try_sendv(pieces, 2 if length else 1)
        if went < scratch.used:
            rest = PyBytes_FromStringAndSize(scratch.data + went, scratch.used - went)
            self.stream.send_all(PyBytes_AS_STRING(rest), PyBytes_GET_SIZE(rest))
            went = 0
        else:
            went -= scratch.used
        if went < length:
            self.stream.send_all(octets + went, length - went)
        return 0

    cdef int continue_request(self) except -1:
        if not self.continued:
            self.continued = True
            self.stream.send_all(b"HTTP/1.1 100 Continue\r\n\r\n", 25)
        return 0

    cdef int _tunnel(self, Exchange exchange, Response response) except -1:
        """The connection is no longer HTTP: octets both ways until both sides have ended. Waits."""
        cdef Stream tunnel = response.tunnel
        cdef Buffer buffer = self.buffer
        exchange.keep_alive = False
        self.tunnelling = True
        if response.early:
            self.stream.send_all(PyBytes_AS_STRING(response.early), PyBytes_GET_SIZE(response.early))
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

    cdef int _log(self, Exchange exchange) except -1:
        cdef Location location = <Location> exchange.location
        if location is None:
            location = self.first.default
            exchange.location = location
        for step in location.log:
            (<LogStep> step).log(exchange)
        return 0

    cdef void close(self) noexcept:
        if self.dozing is None:
            return
        if self.asleep:
            self._wake_up()
        give_back(self.buffer)
        self.buffer = None
        self.stream.close()
        self.acceptor.gone(self)
        # The cycle of client, dozing and conversation, so that memory goes back without the collector.
        self.dozing.client = None
        self.dozing = None


cdef class RequestBody(Incoming):

    cdef Settings _settings(self):
        cdef Exchange exchange = self.exchange
        if exchange.location is not None:
            return (<Location> exchange.location).settings
        return self.client.first.default.settings

    cdef Py_ssize_t receive(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        self.client.continue_request()
        self.client.stream.read_limit = self._settings().client_body_timeout
        try:
            count = self.client.stream.recv_into(into, room)
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            raise Gone(f"recv() failed ({error.errno}: {error.strerror})") from None
        if count == 0:
            raise Gone("client prematurely closed connection")
        return count

    cdef int cut_short(self) except -1:
        raise Gone("client prematurely closed connection")

    cdef int broken(self, str reason) except -1:
        raise ProtocolError(reason)

    cdef int _decode(self) except -1:
        cdef long long most = self._settings().client_max_body_size
        Incoming._decode(self)
        if most and self.content_read + self.content > most:
            raise ProtocolError("client intended to send too large chunked body", status=413)
        return 0


cdef bint _ends_with(Body body, Py_ssize_t count) noexcept:
    if isinstance(body, Incoming):
        return (<Incoming> body).ends_with(count)
    return body.length == count


cdef int _write_last(Writer to, Body body) except -1:
    """The end of a chunked body, with its trailers (RFC 9112 §7.1.2)."""
    to.put(b"0\r\n", 3)
    if body.trailers is not None:
        body.trailers.write(to, None)
    to.put(b"\r\n", 2)
    return 0


cdef Response _unwanted(Exchange exchange):
    """Requests that no location ever sees, each the last of its connection.

    What comes behind a CONNECT is octets for somebody else, not a request.
    """
    cdef bytes method = exchange.head.method
    if method == b"TRACE" or method == b"CONNECT":
        exchange.failure = b"client sent %s method" % method
        exchange.keep_alive = False
        return fault(exchange, 405)
    if not exchange.uri.startswith(b"/"):
        exchange.failure = b"client sent invalid request target"
        exchange.keep_alive = False
        return fault(exchange, 400)
    return None


cdef RequestHead _no_head(Buffer buffer):
    """Stands for a head that could not be parsed; what came of its first line is for the log."""
    cdef RequestHead head = RequestHead.__new__(RequestHead)
    cdef bytes came = b""
    if buffer is not None:
        came = buffer.data[buffer.start:min(buffer.end, buffer.start + 8192)]
    return head.stand_in(came)


# The Server and Date lines of this second, for each value of Server.
cdef long lines_second = -1
cdef dict lines = {}


cdef bytes _server_and_date(bytes server):
    global lines_second
    cdef long second = <long> wall()
    if second != lines_second:
        lines_second = second
        lines.clear()
    found = lines.get(server)
    if found is None:
        found = b"Server: %s\r\nDate: %s\r\n" % (server, http_date(second))
        lines[server] = found
    return <bytes> found


cdef dict status_lines = {}


cdef bytes _status_line(int status, bytes reason):
    cdef bytes line
    if reason is None:
        found = status_lines.get(status)
        if found is not None:
            return <bytes> found
        line = b"HTTP/1.1 %03d %s\r\n" % (status, reason_of(status))
        status_lines[status] = line
        return line
    return b"HTTP/1.1 %03d %s\r\n" % (status, reason)


cdef int _write_head(Exchange exchange, Response response, Settings settings, bint chunked) except -1:
    """The answer's head into `scratch`. nginx always says HTTP/1.1 here, also to HTTP/1.0 clients."""
    cdef Body body = response.body
    cdef long long length = response.declared_length
    cdef int status = response.status
    cdef unsigned long long written = 0
    scratch.clear()
    scratch.put_bytes(_status_line(status, response.reason))
    if response.date is None and response.server is None:
        scratch.put_bytes(_server_and_date(settings.server_header))
    else:
        scratch.put_bytes(b"Server: %s\r\nDate: %s\r\n" % (
            settings.server_header if response.server is None else response.server,
            http_date(<long> wall()) if response.date is None else response.date))
    if response.fields.write_known(scratch, CONTENT_TYPE):
        written = 1ULL << <int> CONTENT_TYPE
    if body is not None and body.length >= 0:
        length = body.length
    elif body is None and length < 0 and status >= 200 and status != 204 and status != 304 \
            and exchange.head.method != b"HEAD":
        length = 0
    if length >= 0 and status >= 200 and status != 204:
        scratch.put(b"Content-Length: ", 16)
        scratch.put_number(length)
        scratch.put(b"\r\n", 2)
    elif chunked:
        scratch.put(b"Transfer-Encoding: chunked\r\n", 28)
    if status == 101:
        scratch.put(b"Connection: upgrade\r\n", 21)
    elif exchange.keep_alive:
        scratch.put(b"Connection: keep-alive\r\n", 24)
        if settings.keepalive_header is not None:
            scratch.put(b"Keep-Alive: ", 12)
            scratch.put_bytes(settings.keepalive_header)
            scratch.put(b"\r\n", 2)
    else:
        scratch.put(b"Connection: close\r\n", 19)
    response.fields.write(scratch, response.hidden, written)
    scratch.put(b"\r\n", 2)
    return 0
