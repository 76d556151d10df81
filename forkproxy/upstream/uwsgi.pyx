"""uwsgi_pass: uWSGI's own protocol, the params of a request and then its content."""

from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.upstream.gateway cimport Gateway
from forkproxy.wire.uwsgi cimport put_param, put_params
from forkproxy.wire.writer cimport Writer

# Nothing that waits may keep it.
cdef Writer pairs = Writer()


cdef class Uwsgi(Gateway):
    """What uwsgi_pass and the uwsgi_* directives of one location say."""

    cdef public int modifier1
    cdef public int modifier2

    cdef Py_ssize_t _put_request(self, Exchange exchange, Writer to, bytes inline,
                                 Body body) except -1:
        params = self.params_of(exchange)
        to.clear()
        pairs.clear()
        for name, value in params:
            put_param(pairs, <bytes> name, <bytes> value)
        put_params(to, pairs, self.modifier1, self.modifier2)
        return 0
