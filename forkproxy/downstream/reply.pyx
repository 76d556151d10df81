"""An answer on its way to the client: its head, its content, its framing, its trailers."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from posix.uio cimport iovec

from forkproxy.clock cimport wall
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.faults cimport fault, reason_of
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.pace cimport octets_of
from forkproxy.core.plan cimport Location, Settings
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.corked cimport try_send_front
from forkproxy.net.delay cimport delay
from forkproxy.net.stream cimport Stream
from forkproxy.wire.chunk cimport CHUNK_FRONT, frame_chunk
from forkproxy.wire.fields cimport Fields, one_line
from forkproxy.wire.names cimport CONTENT_TYPE, NameSet
from forkproxy.wire.writer cimport Writer

from forkproxy.errors import Gone, PeerError
from forkproxy.wire.dates import http_date

# Where an answer's head is written before it is sent. Nothing that waits may keep it.
cdef Writer scratch = Writer()

DEF WITH_HEAD = 16384       # octets of a body that are copied behind the head, not sent by writev


cdef int reply(Stream stream, Exchange exchange, Response response) except -1:
    cdef Settings settings = (<Location> exchange.location).settings
    cdef Body body = response.body
    cdef const char* octets = NULL
    cdef Py_ssize_t count = 0
    cdef bint chunked = False, trailers, filed
    stream.write_limit = settings.send_timeout
    if settings.send_min_rate or stream.write_least:
        stream.demand(settings.send_min_rate)
    exchange.status = response.status
    if body is not None:
        try:
            count = body.at_hand(&octets)
        except PeerError as error:
            # Nothing is out yet: the client can be told.
            exchange.report("error", error.reason)
            return reply(stream, exchange, fault(exchange, error.status))
        trailers = response.trailers is not None or response.pass_trailers
        if body.length < 0 or trailers:
            chunked = exchange.head.minor == 1 and settings.chunked
            response.chunked = chunked
            if body.length < 0:
                exchange.keep_alive = exchange.keep_alive and chunked
    _write_head(exchange, response, settings, chunked)
    exchange.header_sent = scratch.used
    if exchange.limit_rate is not None and _held_head(stream, exchange) and count:
        count = body.at_hand(&octets)       # what was lent before is not ours any more
    if body is None or exchange.head.method == b"HEAD":
        return _send_last_scratch(stream, exchange)
    if count and _send_with_head(stream, exchange, response, octets, count):
        return 0
    filed = isinstance(body, FileBody) and stream.plain() and settings.sendfile and not chunked
    if count == 0:
        if body.length == 0 and chunked:
            _write_last(exchange, response, body)
        _send_scratch(stream, NULL, 0, None, filed and body.length > 0)
        if body.length == 0:
            return 0
    if filed:
        return _send_file(stream, exchange, <FileBody> body)
    return _send_rest(stream, exchange, response)


cdef bint _held_head(Stream stream, Exchange exchange) except -1:
    """Keep a head back that is longer than limit_rate lets go at once; return whether. Waits."""
    cdef long long rate = octets_of(exchange.limit_rate)
    cdef long long over = scratch.used - rate - octets_of(exchange.limit_rate_after)
    cdef bytes head
    if rate <= 0 or over <= 0:
        return False
    head = scratch.taken()
    delay(stream, over / <double> rate)
    scratch.clear()             # others have written their answers there meanwhile
    scratch.put_bytes(head)
    return True


cdef bint _send_with_head(Stream stream, Exchange exchange, Response response, const char* octets,
                          Py_ssize_t count) except -1:
    """Send head and the octets at hand together; return whether these were all. Waits."""
    cdef Body body = response.body
    cdef bint last = ends_with(body, count), chunked = response.chunked
    if chunked:
        scratch.put_hex(count)
        scratch.put(b"\r\n", 2)
    if count <= WITH_HEAD:
        scratch.put(octets, count)
        exchange.content_sent += count
        body.took(count)
        if chunked:
            scratch.put(b"\r\n", 2)
            if last:
                _write_last(exchange, response, body)
        if last:
            _send_last_scratch(stream, exchange)
        else:
            _send_scratch(stream, NULL, 0)
        return last
    _send_scratch(stream, octets, count, body)
    exchange.content_sent += count
    body.took(count)
    if chunked:
        stream.send_all(b"\r\n", 2)
        if last:
            _send_last(stream, exchange, response, body)
    return last


cdef int _send_rest(Stream stream, Exchange exchange, Response response) except -1:
    cdef Body body = response.body
    cdef Buffer buffer = lend_large()
    cdef Py_ssize_t count, front, went
    cdef iovec piece
    cdef bint ahead = False, chunked = response.chunked
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
            went = stream.try_sendv(&piece, 1)
            if went < count:
                if not ahead:
                    ahead = True
                    body = body.read_on()
                    exchange.defer((<object> body).close)
                stream.send_all(buffer.data + front + went, count - went)
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
        _send_last(stream, exchange, response, body)
    return 0


cdef int _send_file(Stream stream, Exchange exchange, FileBody body) except -1:
    cdef Py_ssize_t went
    while body.left:
        went = stream.try_send_file(body.fd, body.offset, min(body.left, 2097152))
        if went == 0:
            if stream.writable:
                raise Gone("the file became shorter while it was sent")
            stream.wait_writable()
            continue
        body.took(went)
        exchange.content_sent += went
    return 0


cdef int _send_last_scratch(Stream stream, Exchange exchange) except -1:
    """Send `scratch`, after which there is no more: when the turn ends, if anybody may wait."""
    if exchange.keep_alive and not stream.write_least:
        return stream.post(scratch.data, scratch.used)
    return _send_scratch(stream, NULL, 0)


cdef int _send_scratch(Stream stream, const char* octets, Py_ssize_t length,
                       Body body=None, bint corked=False) except -1:
    """Send `scratch`, then `octets`. What does not go at once is copied before waiting.

    `corked`: a file is sent next.
    """
    cdef iovec pieces[2]
    cdef Py_ssize_t went
    cdef bytes rest = None
    pieces[0].iov_base = scratch.data
    pieces[0].iov_len = scratch.used
    pieces[1].iov_base = <void*> octets
    pieces[1].iov_len = length
    if corked:
        went = try_send_front(stream, scratch.data, scratch.used)
    else:
        went = stream.try_sendv(pieces, 2 if length else 1)
    if body is not None and went < scratch.used + length:
        octets = body.hold(octets, length)
    if went < scratch.used:
        rest = PyBytes_FromStringAndSize(scratch.data + went, scratch.used - went)
        stream.send_all(PyBytes_AS_STRING(rest), PyBytes_GET_SIZE(rest))
        went = 0
    else:
        went -= scratch.used
    if went < length:
        stream.send_all(octets + went, length - went)
    return 0


cdef bint ends_with(Body body, Py_ssize_t count) noexcept:
    if isinstance(body, Incoming):
        return (<Incoming> body).ends_with(count)
    return body.length == count


cdef int _write_last(Exchange exchange, Response response, Body body) except -1:
    """The end of a chunked body, with its trailers (RFC 9112 §7.1.2)."""
    cdef Fields trailers = trailers_of(exchange, response, body)
    scratch.put(b"0\r\n", 3)
    if trailers is not None:
        trailers.write(scratch, None)
    return scratch.put(b"\r\n", 2)


cdef Fields trailers_of(Exchange exchange, Response response, Body body):
    """The upstream's trailers, where they go on, then ours; None where there are none."""
    cdef Fields made = None
    cdef bytes value
    if response.pass_trailers and body.trailers is not None:
        made = body.trailers.copy()
    if response.trailers is not None:
        if made is None:
            made = Fields()
        # One after another, so that a value may be made of those before it.
        response.sent_trailers = made
        for name, expression in response.trailers:
            value = (<Expression> expression).evaluate(exchange)
            if value:
                made.add(<bytes> name, one_line(value))
    response.sent_trailers = made
    return made


cdef int _send_last(Stream stream, Exchange exchange, Response response, Body body) except -1:
    scratch.clear()
    _write_last(exchange, response, body)
    return _send_scratch(stream, NULL, 0)


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


cdef int _put_line(bytes name, bytes value) except -1:
    """A line of a head, where there is anything to say."""
    if value:
        scratch.put_bytes(b"%s: %s\r\n" % (name, value))
    return 0


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


cdef bytes interim(int status, Fields fields, NameSet hidden):
    cdef Py_ssize_t empty
    scratch.clear()
    scratch.put_bytes(_status_line(status, None))
    empty = scratch.used
    fields.write(scratch, hidden)
    if scratch.used == empty:
        return None
    scratch.put(b"\r\n", 2)
    return scratch.taken()


cdef int _write_head(Exchange exchange, Response response, Settings settings,
                     bint chunked) except -1:
    """The answer's head into `scratch`. nginx says HTTP/1.1 here, also to HTTP/1.0 clients."""
    cdef Body body = response.body
    cdef long long length = response.declared_length
    cdef int status = response.status
    cdef unsigned long long written = 0
    scratch.clear()
    scratch.put_bytes(_status_line(status, response.reason))
    if response.date is None and response.server is None:
        scratch.put_bytes(_server_and_date(settings.server_header))
    else:
        _put_line(b"Server", settings.server_header if response.server is None
                  else response.server)
        _put_line(b"Date", http_date(<long> wall()) if response.date is None else response.date)
    if response.fields.write_known(scratch, CONTENT_TYPE):
        written = 1ULL << <int> CONTENT_TYPE
    if body is not None and body.length >= 0:
        length = body.length
    elif body is None and length < 0 and status >= 200 and status != 204 and status != 304 \
            and exchange.head.method != b"HEAD":
        length = 0
    if chunked:
        scratch.put(b"Transfer-Encoding: chunked\r\n", 28)
    elif length >= 0 and status >= 200 and status != 204:
        scratch.put(b"Content-Length: ", 16)
        scratch.put_number(length)
        scratch.put(b"\r\n", 2)
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
