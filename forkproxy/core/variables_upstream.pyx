"""Variables of the upstream: each attempt's value in turn, as nginx writes them.

Attempts of one `proxy_pass` are told apart by ", "; where an internal redirect led to another, by
" : " (a None in `exchange.attempts`).
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.core.exchange cimport Attempt, Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.core.known cimport know, know_family, seconds
from forkproxy.wire.names cimport same_letters

ctypedef bytes (*OfAttempt)(Attempt attempt)


cdef bytes _each(Exchange exchange, OfAttempt of):
    cdef list parts
    cdef bytes between = b""
    if exchange.attempts is None:
        return None
    parts = []
    for attempt in exchange.attempts:
        if attempt is None:
            between = b" : "
            continue
        parts.append(between)
        parts.append(of(<Attempt> attempt))
        between = b", "
    return b"".join(parts)


cdef bytes _address_of(Attempt attempt):
    return attempt.address


cdef bytes _status_of(Attempt attempt):
    return b"%d" % attempt.status if attempt.status else b"-"


cdef bytes _response_time_of(Attempt attempt):
    return seconds(attempt.response_time)


cdef bytes _header_time_of(Attempt attempt):
    return seconds(attempt.header_time)


cdef bytes _connect_time_of(Attempt attempt):
    return seconds(attempt.connect_time)


cdef bytes _content_of(Attempt attempt):
    return b"%d" % attempt.content


cdef bytes _received_of(Attempt attempt):
    return b"%d" % attempt.received


cdef bytes _sent_of(Attempt attempt):
    return b"%d" % attempt.sent


cdef bytes _upstream_addr(Exchange exchange):
    return _each(exchange, _address_of)


cdef bytes _upstream_status(Exchange exchange):
    return _each(exchange, _status_of)


cdef bytes _upstream_response_time(Exchange exchange):
    return _each(exchange, _response_time_of)


cdef bytes _upstream_header_time(Exchange exchange):
    return _each(exchange, _header_time_of)


cdef bytes _upstream_connect_time(Exchange exchange):
    return _each(exchange, _connect_time_of)


cdef bytes _upstream_response_length(Exchange exchange):
    return _each(exchange, _content_of)


cdef bytes _upstream_bytes_received(Exchange exchange):
    return _each(exchange, _received_of)


cdef bytes _upstream_bytes_sent(Exchange exchange):
    return _each(exchange, _sent_of)


cdef bytes _proxy_host(Exchange exchange):
    return exchange.proxy_host


cdef bytes _proxy_port(Exchange exchange):
    return exchange.proxy_port


cdef class UpstreamField(Variable):
    """$upstream_http_name, as the upstream sent it."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        if exchange.upstream_fields is None:
            return None
        return exchange.upstream_fields.variable(self.field)


cdef Variable _upstream_field(str name, bytes rest):
    cdef UpstreamField made = UpstreamField(name)
    made.field = rest
    return made


cdef class UpstreamTrailer(Variable):
    """$upstream_trailer_name: known when the content has been read."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        if exchange.upstream_content is None or exchange.upstream_content.trailers is None:
            return None
        return exchange.upstream_content.trailers.variable(self.field)


cdef Variable _upstream_trailer(str name, bytes rest):
    cdef UpstreamTrailer made = UpstreamTrailer(name)
    made.field = rest
    return made


cdef class UpstreamCookie(Variable):
    """$upstream_cookie_name: of Set-Cookie; the name's letters' case is no matter."""

    cdef bytes cookie

    cdef bytes value(self, Exchange exchange):
        cdef bytes found
        if exchange.upstream_fields is None:
            return None
        for line in exchange.upstream_fields.all(b"set-cookie"):
            found = _set_cookie(<bytes> line, self.cookie)
            if found is not None:
                return found
        return None


cdef bytes _set_cookie(bytes line, bytes name):
    """What a Set-Cookie line gives the cookie of that name; only spaces may be around its "="."""
    cdef Py_ssize_t at = PyBytes_GET_SIZE(name), length = PyBytes_GET_SIZE(line), end
    cdef const char* data = PyBytes_AS_STRING(line)
    if at >= length or not same_letters(data, PyBytes_AS_STRING(name), at):
        return None
    while at < length and data[at] == c" ":
        at += 1
    if at == length or data[at] != c"=":
        return None
    at += 1
    while at < length and data[at] == c" ":
        at += 1
    end = line.find(b";", at)
    return line[at:] if end < 0 else line[at:end]


cdef Variable _upstream_cookie(str name, bytes rest):
    cdef UpstreamCookie made = UpstreamCookie(name)
    made.cookie = rest
    return made


cdef int _fill() except -1:
    know("upstream_addr", _upstream_addr)
    know("upstream_status", _upstream_status)
    know("upstream_response_time", _upstream_response_time)
    know("upstream_header_time", _upstream_header_time)
    know("upstream_connect_time", _upstream_connect_time)
    know("upstream_response_length", _upstream_response_length)
    know("upstream_bytes_received", _upstream_bytes_received)
    know("upstream_bytes_sent", _upstream_bytes_sent)
    know("proxy_host", _proxy_host)
    know("proxy_port", _proxy_port)
    know_family("upstream_http_", _upstream_field)
    know_family("upstream_trailer_", _upstream_trailer)
    know_family("upstream_cookie_", _upstream_cookie)
    return 0


_fill()
