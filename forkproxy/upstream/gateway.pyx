"""Applications behind a gateway protocol: a request is told by params, as CGI has them."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.cgi_answer cimport CgiAnswer
from forkproxy.upstream.forward cimport Forward
from forkproxy.upstream.target cimport url_of
from forkproxy.upstream.upstream cimport Upstream

from forkproxy.upstream.url import split_url

cdef dict param_names = {}      # of a field, in the case it came in, to that of its param
DEF MOST_NAMES = 1000


cdef class Gateway(Forward):

    cdef list params_of(self, Exchange exchange):
        cdef list params = []
        cdef bytes value
        for name, expression, if_not_empty in (
                self.cache_params if exchange.for_cache else self.params):
            value = (<Expression> expression).evaluate(exchange)
            if value or not if_not_empty:
                params.append((name, value))
        if self.pass_fields:
            self._fields_of(exchange, params,
                            self.cache_named if exchange.for_cache else self.named)
        return params

    cdef int _fields_of(self, Exchange exchange, list params, frozenset named) except -1:
        """HTTP_… for each field (RFC 3875 §4.1.18); the lines of one name are one param."""
        cdef dict values = {}
        cdef bytes param
        for name, value in exchange.head.fields.items():
            param = _param_name(<bytes> name)
            if param in named or param == b"HTTP_PROXY":
                # No client says which proxy an application uses (httpoxy, CVE-2016-5385).
                continue
            before = values.get(param)
            if before is not None:
                value = before + (b"; " if param == b"HTTP_COOKIE" else b", ") + value
            values[param] = value
        params.extend(values.items())
        return 0

    cdef Answer _answer(self):
        cdef CgiAnswer made = CgiAnswer.__new__(CgiAnswer)
        made.native = True
        return made

    cdef object _parts(self, Exchange exchange):
        """An address alone; a scheme may stand before it."""
        cdef bytes value = url_of(self, exchange)
        cdef bytes scheme, _mark, rest
        scheme, _mark, rest = value.rpartition(b"://")
        try:
            parts = split_url(b"http://" + rest)
        except ValueError as error:
            exchange.report("error", f"{error} in \"{value.decode(errors='replace')}\"")
            return None
        exchange.proxy_scheme = scheme.lower() or self.family.encode()
        exchange.proxy_host = parts.authority
        exchange.proxy_port = parts.port
        return parts

    cdef int dress(self, Exchange exchange, Response response) except -1:
        Forward.dress(self, exchange, response)
        # An application may leave these to the server in front of it.
        response.date = response.date or None
        response.server = response.server or None
        return 0

    cpdef object preview(self, Exchange exchange):
        """The upstream, and the params that a peer of it would be sent. Waits for the resolver."""
        cdef Upstream upstream = self._aimed(exchange)
        cdef list lines
        if exchange.proxy_target is None:
            return None
        lines = [b"%s: %s" % pair for pair in self.params_of(exchange)]
        return {"upstream": upstream, "head": b"\r\n".join([b"", *lines, b"", b""])}


cdef bytes _param_name(bytes name):
    found = param_names.get(name)
    if found is None:
        found = b"HTTP_" + name.upper().replace(b"-", b"_")
        if len(param_names) < MOST_NAMES:       # clients make names up
            param_names[name] = found
    return <bytes> found
