"""An answer on its way to the client as HTTP/2 frames: its fields, its content, its trailers."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdio cimport snprintf

from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Location, Settings
from forkproxy.downstream.http2_stream cimport Substream
from forkproxy.downstream.reply cimport ends_with, trailers_of
from forkproxy.downstream.serve cimport Serving
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.wire.fields cimport Fields, Slot
from forkproxy.wire.h2_sending cimport Sending
from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.names cimport (
    CONNECTION, CONTENT_LENGTH, DATE, KEEP_ALIVE, PROXY_CONNECTION, SERVER, TRANSFER_ENCODING,
    UPGRADE, NameSet, name_of,
)

from forkproxy.errors import Gone, PeerError
from forkproxy.wire.dates import http_date

# Fields of one connection: HTTP/2 has other means (RFC 9113 §8.2.2).
cdef unsigned long long OF_HTTP1 = (
    (1ULL << <int> CONNECTION) | (1ULL << <int> KEEP_ALIVE) | (1ULL << <int> PROXY_CONNECTION)
    | (1ULL << <int> TRANSFER_ENCODING) | (1ULL << <int> UPGRADE)
)
# These are written on their own where they are.
cdef unsigned long long OURS = (
    OF_HTTP1 | (1ULL << <int> CONTENT_LENGTH) | (1ULL << <int> DATE) | (1ULL << <int> SERVER)
)


cdef int reply_h2(Serving client, Exchange exchange, Response response) except -1:
    cdef Settings settings = (<Location> exchange.location).settings
    cdef Substream stream = <Substream> client.stream
    cdef Sending session = stream.outlet.session
    cdef Body body = response.body
    cdef const char* octets = NULL
    cdef Py_ssize_t count = 0
    cdef bint trailers = False, content = response.tunnel is not None, last
    stream.write_limit = settings.send_timeout
    if settings.send_min_rate:
        stream.sent = stream.frames.sent
        stream.demand(settings.send_min_rate)
    stream.frames.chunk = max(settings.http2_chunk, 1)
    exchange.status = response.status
    if body is not None:
        try:
            count = body.at_hand(&octets)
        except PeerError as error:
            # Nothing is out yet: the client can be told.
            exchange.report("error", error.reason)
            return reply_h2(client, exchange, fault(exchange, error.status))
        trailers = response.trailers is not None or response.pass_trailers
        content = exchange.head.method != b"HEAD" and (body.length != 0 or trailers)
    _put_head(session, exchange, response, settings)
    session.answer(stream.frames, content)
    if not content:
        stream.finish()
        exchange.header_sent = stream.frames.sent
        return 0
    if response.tunnel is not None:
        stream.outlet.produce()
        exchange.header_sent = stream.frames.sent
        return 0
    if count == 0:
        stream.outlet.produce()         # the head need not wait for the content
    last = False
    if count:
        last = ends_with(body, count) and not trailers
        stream.send_piece(octets, count, last, body)
        exchange.content_sent += count
        body.took(count)
    if not last and body.length != 0:
        _send_rest(stream, exchange, response, trailers)
    if trailers:
        _send_trailers(stream, exchange, response, body)
    exchange.header_sent = max(0, stream.frames.sent - exchange.content_sent)
    return 0


cdef int _send_rest(Substream stream, Exchange exchange, Response response,
                    bint trailers) except -1:
    """What of the content is not at hand, piece by piece. Waits."""
    cdef Body body = response.body
    cdef Buffer buffer = lend_large()
    cdef Py_ssize_t count
    cdef bint ahead = False, last = False
    try:
        while not last:
            count = body.read_into(buffer.data, buffer.size)
            exchange.content_sent += count
            last = count == 0 or exchange.content_sent == body.length
            if trailers and count == 0:
                break
            stream.send_piece(buffer.data, count, last and not trailers)
            if not ahead and not stream.writable:
                ahead = True
                body = body.read_on()
                exchange.defer((<object> body).close)
        response.body = body
    except PeerError as error:
        # Half an answer is out. Only the stream's end can tell the client so.
        exchange.report("error", error.reason)
        raise Gone("upstream failed in the middle of its answer") from None
    finally:
        give_back(buffer)
    return 0


cdef int _send_trailers(Substream stream, Exchange exchange, Response response,
                        Body body) except -1:
    """The stream ends with a second field block, or, where there is none, with empty content."""
    cdef Fields fields = trailers_of(exchange, response, response.body)
    cdef Sending session = stream.outlet.session
    if fields is None or not fields.items():
        return stream.send_piece(NULL, 0, True)
    kept = fields.items()
    for name, value in kept:
        _put(session, <bytes> name, <bytes> value)
    session.trail(stream.frames)
    return stream.finish()


cdef int _put(Sending session, bytes name, bytes value) except -1:
    return session.put(PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name), PyBytes_AS_STRING(value),
                       PyBytes_GET_SIZE(value))


# The value of Date in this second.
cdef long date_second = -1
cdef bytes date_now = None

# What the fields of an answer point to until it is submitted. Nothing that waits may keep it.
cdef char digits[32]
cdef char status_digits[8]


cdef bytes _date():
    global date_second, date_now
    cdef long second = <long> wall()
    if second != date_second:
        date_second = second
        date_now = http_date(second)
    return date_now


cdef int _put_head(Sending session, Exchange exchange, Response response,
                   Settings settings) except -1:
    cdef Body body = response.body
    cdef long long length = response.declared_length
    cdef int status = 200 if response.status == 101 else response.status
    cdef int size
    cdef bytes date = _date() if response.date is None else response.date
    cdef bytes server = settings.server_header if response.server is None else response.server
    snprintf(status_digits, sizeof(status_digits), "%03d", status)
    session.put(":status", 7, status_digits, 3)
    session.put("server", 6, PyBytes_AS_STRING(server), PyBytes_GET_SIZE(server))
    session.put("date", 4, PyBytes_AS_STRING(date), PyBytes_GET_SIZE(date))
    if body is not None and body.length >= 0:
        length = body.length
    elif body is None and length < 0 and status != 204 and status != 304 \
            and exchange.head.method != b"HEAD" and response.tunnel is None:
        length = 0
    if length >= 0 and status != 204 and response.tunnel is None:
        size = snprintf(digits, sizeof(digits), "%lld", length)
        session.put("content-length", 14, digits, size)
    return _put_fields(session, response.fields, response.hidden)


cdef int _put_fields(Sending session, Fields fields, NameSet hidden) except -1:
    """The answer's own fields, but those of HTTP/1 connections and those that are hidden."""
    cdef Slot* slot
    cdef int index
    for index in range(fields.count):
        slot = &fields.slots[index]
        if slot.dead or (OURS >> slot.known) & 1 and slot.known != 0:
            continue
        if hidden is not None and hidden.has(
                slot.known, fields.base + slot.name, slot.name_length):
            continue
        session.put(fields.base + slot.name, slot.name_length, fields.base + slot.value,
                    slot.value_length)
    if fields.added is None:
        return 0
    for name, value in fields.added:
        if hidden is not None and (<bytes> name).lower() in hidden.names:
            continue
        index = name_of(PyBytes_AS_STRING(<bytes> name), PyBytes_GET_SIZE(<bytes> name))
        if index == 0 or not (OF_HTTP1 >> index) & 1:
            _put(session, <bytes> name, <bytes> value)
    return 0


cdef int write_informational(Sending session, H2Stream frames, int status, Fields fields,
                             NameSet hidden) except -1:
    snprintf(status_digits, sizeof(status_digits), "%03d", status)
    session.put(":status", 7, status_digits, 3)
    if fields is not None:
        _put_fields(session, fields, hidden)
    return session.inform(frames)
