"""A request on its way to a peer: head and content in one system call, where they fit."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from posix.uio cimport iovec

from forkproxy.core.bodies cimport OctetsBody, Stored
from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.core.incoming cimport Incoming
from forkproxy.net.buffer cimport SMALL
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.forward cimport Forward
from forkproxy.upstream.pump cimport Pump
from forkproxy.wire.writer cimport Writer

from forkproxy.errors import PeerError

DEF WITH_HEAD = 16384   # octets of a streamed request body that are copied behind the head
DEF INLINE = 131072     # octets of a request body that are sent before the answer is looked for

# Where a request's head is written before it is sent. Nothing that waits may keep it.
cdef Writer scratch = Writer()


cdef Pump send_request(Forward self, Exchange exchange, Stream stream):
    cdef Body body = None
    cdef bytes inline = None
    cdef Pump pump
    cdef Py_ssize_t begun
    cdef iovec pieces[2]
    if self.body is not None:
        inline = self.body.evaluate(exchange)
    elif not self.pass_body:
        pass
    elif exchange.stored_body is not None:
        if (<Stored> exchange.stored_body).octets is not None:
            inline = (<Stored> exchange.stored_body).octets
        else:
            body = (<Stored> exchange.stored_body).open()
    elif exchange.body is not None:
        body = exchange.body
    if inline is not None and PyBytes_GET_SIZE(inline) > INLINE:
        body = OctetsBody(inline)
        inline = None
    begun = self._put_request(exchange, scratch, inline, body)
    try:
        pieces[0].iov_base = scratch.data
        pieces[0].iov_len = scratch.used
        pieces[1].iov_base = NULL
        pieces[1].iov_len = 0
        if inline is not None:
            pieces[1].iov_base = PyBytes_AS_STRING(inline) + begun
            pieces[1].iov_len = PyBytes_GET_SIZE(inline) - begun
        if body is None and scratch.used + pieces[1].iov_len <= SMALL:
            stream.post(scratch.data, scratch.used)
            if pieces[1].iov_len:
                stream.post(<const char*> pieces[1].iov_base, pieces[1].iov_len)
            return None
        _send_pieces(stream, pieces, 1 if pieces[1].iov_len == 0 else 2)
    except TimeoutError:
        raise PeerError("upstream timed out while sending request to upstream",
                        sent=True, status=504) from None
    except OSError as error:
        reason = f"{error.errno}: {error.strerror}"
        raise PeerError(f"send() failed ({reason}) while sending request to upstream",
                        sent=True) from None
    if body is None:
        return None
    pump = self._pump()
    pump.sent = begun
    pump.begin(body, stream, exchange.client.stream if body is exchange.body else None)
    return pump


cdef int _send_pieces(Stream stream, iovec* pieces, int count) except -1:
    """Send what the first system call takes; copy the rest, since `scratch` is not ours to keep."""
    cdef Py_ssize_t went = stream.try_sendv(pieces, count)
    cdef list rest = []
    cdef int index
    cdef bytes octets
    for index in range(count):
        if went >= <Py_ssize_t> pieces[index].iov_len:
            went -= pieces[index].iov_len
            continue
        rest.append((<char*> pieces[index].iov_base)[went:pieces[index].iov_len])
        went = 0
    for octets in rest:
        stream.send_all(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))
    return 0


cdef Py_ssize_t put_begun(Writer to, Body body) except -1:
    cdef const char* octets = NULL
    cdef Py_ssize_t count = body.at_hand(&octets)
    if count == 0 or count > WITH_HEAD:
        return 0
    if body.length < 0:
        to.put_hex(count)
        to.put(b"\r\n", 2)
    to.put(octets, count)
    if body.length < 0:
        to.put(b"\r\n", 2)
    body.took(count)
    return count


cdef bint all_here(Body body) except -1:
    cdef const char* octets = NULL
    cdef Py_ssize_t count = body.at_hand(&octets)
    return count > 0 and isinstance(body, Incoming) and (<Incoming> body).ends_with(count)
