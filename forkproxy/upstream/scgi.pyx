"""scgi_pass: the params of a request as one netstring, its content, and the connection's end."""

from cpython.bytes cimport PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.upstream.gateway cimport Gateway
from forkproxy.wire.scgi cimport put_param, put_params
from forkproxy.wire.writer cimport Writer

# Nothing that waits may keep it.
cdef Writer pairs = Writer()


cdef class Scgi(Gateway):
    """What scgi_pass and the scgi_* directives of one location say."""

    cdef Py_ssize_t _put_request(self, Exchange exchange, Writer to, bytes inline,
                                 Body body) except -1:
        cdef long long length = 0
        if inline is not None:
            length = PyBytes_GET_SIZE(inline)
        elif body is not None:
            length = body.length
        params = self.params_of(exchange)
        to.clear()
        pairs.clear()
        put_param(pairs, b"CONTENT_LENGTH", b"%d" % length)     # it must be the first
        for name, value in params:
            put_param(pairs, <bytes> name, <bytes> value)
        put_params(to, pairs)
        return 0
