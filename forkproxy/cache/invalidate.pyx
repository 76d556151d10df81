"""Invalidation by unsafe methods (RFC 9111 §4.4)."""

from forkproxy.cache.variant cimport store_key
from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression

from urllib.parse import urljoin, urlsplit

from forkproxy.cache import purge


cdef int invalidate(Zone zone, Expression key, Exchange exchange, Response response) except -1:
    cdef bytes text, target
    if not 200 <= response.status < 400:
        return 0
    text = key.evaluate(exchange)
    _drop(zone, text)
    for name in (b"location", b"content-location"):
        target = _target(exchange, response.fields.get(name))
        if target is not None and exchange.head.target in text:
            _drop(zone, text.replace(exchange.head.target, target))
    return 0


cdef bint is_of_target(Exchange exchange, Response response) except *:
    return response.status == 200 and exchange.head.target == _target(
        exchange, response.fields.get(b"content-location"))


cdef bytes _target(Exchange exchange, bytes where):
    """The target that a URI of the answer stands for; None where it is another host's."""
    if where is None:
        return None
    host = exchange.host().decode("latin-1")
    try:
        base = f"http://{host}{exchange.head.target.decode('latin-1')}"
        found = urlsplit(urljoin(base, where.decode("latin-1")))
        if found.hostname != host:
            return None
    except ValueError:
        return None
    path = found.path or "/"
    return (f"{path}?{found.query}" if found.query else path).encode("latin-1")


cdef int _drop(Zone zone, bytes text) except -1:
    cdef bytes key = store_key(text)
    zone.pending.pop(key, None)
    purge.submit(zone, purge.one(key, False), None, key)
    return 0
