"""The terms of a location: by what its answers are kept, found and served."""

from libc.stdint cimport uint64_t

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, truth
from forkproxy.core.plan cimport Handler
from forkproxy.shared.memory cimport number_of
from forkproxy.wire.freshness cimport CacheControl, cache_control

# The words of proxy_cache_use_stale.
CONDITIONS = {
    "error": STALE_ERROR, "timeout": STALE_TIMEOUT, "invalid_header": STALE_INVALID_HEADER,
    "updating": STALE_UPDATING, "http_500": STALE_500, "http_502": STALE_502, "http_503": STALE_503,
    "http_504": STALE_504, "http_403": STALE_403, "http_404": STALE_404, "http_429": STALE_429,
}


cdef class Terms(Handler):
    pass


cdef bint any_true(list expressions, Exchange exchange) except *:
    for expression in expressions:
        if truth((<Expression> expression).evaluate(exchange)):
            return True
    return False


cdef CacheControl said(Exchange exchange):
    return cache_control(exchange.head.fields.joined(b"cache-control"))


cdef uint64_t key_number(bytes key) noexcept:
    return number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key))
