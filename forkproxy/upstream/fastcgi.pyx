"""fastcgi_pass: FastCGI's records both ways."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.fastcgi_answer cimport FastCgiAnswer
from forkproxy.upstream.gateway cimport Gateway
from forkproxy.upstream.pump cimport Pump
from forkproxy.wire.fastcgi cimport (
    RECORD_FRONT, frame_stdin, put_begin, put_param, put_params, put_record, put_stdin,
)
from forkproxy.wire.writer cimport Writer

DEF WITH_HEAD = 16384       # octets of a streamed request body that go with its head

# Nothing that waits may keep it.
cdef Writer pairs = Writer()


cdef class FastCgi(Gateway):
    """What fastcgi_pass and the fastcgi_* directives of one location say."""

    cdef public bint keep_conn
    cdef public tuple caught            # fastcgi_catch_stderr: texts that make an answer a failure

    cdef Py_ssize_t _put_request(self, Exchange exchange, Writer to, bytes inline,
                                 Body body) except -1:
        params = self.params_of(exchange)
        to.clear()
        pairs.clear()
        for name, value in params:
            put_param(pairs, <bytes> name, <bytes> value)
        put_begin(to, self.keep_conn)
        put_params(to, pairs)
        if body is not None:
            return _put_begun(to, body) if body is exchange.body else 0
        if inline is None:
            inline = b""
        put_stdin(to, PyBytes_AS_STRING(inline), PyBytes_GET_SIZE(inline))
        return PyBytes_GET_SIZE(inline)

    cdef Pump _pump(self):
        return StdinPump.__new__(StdinPump)

    cdef Answer _answer(self):
        cdef FastCgiAnswer made = FastCgiAnswer.__new__(FastCgiAnswer)
        made.keeps = self.keep_conn
        made.caught = self.caught
        return made


cdef Py_ssize_t _put_begun(Writer to, Body body) except -1:
    """What came of a body with its head goes with its head; return how many octets."""
    cdef const char* octets = NULL
    cdef Py_ssize_t count = body.at_hand(&octets)
    if count == 0 or count > WITH_HEAD:
        return 0
    put_record(to, octets, count)
    body.took(count)
    return count


cdef class StdinPump(Pump):
    """Carries a body as records of STDIN, which a record without content ends."""

    cdef Py_ssize_t frame(self, char* data, Py_ssize_t at, Py_ssize_t* count,
                          bint last) noexcept:
        frame_stdin(data + at - RECORD_FRONT, count[0])
        if last and count[0]:
            frame_stdin(data + at + count[0], 0)
            count[0] += RECORD_FRONT
        count[0] += RECORD_FRONT
        return at - RECORD_FRONT
