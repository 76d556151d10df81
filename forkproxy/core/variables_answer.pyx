"""Variables of the answer that the client gets."""

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.known cimport know, know_family
from forkproxy.core.plan cimport Location


cdef bytes _status(Exchange exchange):
    cdef int status = exchange.status
    if status == 0 and exchange.response is not None:
        status = exchange.response.status
    return b"%03d" % status


cdef bytes _bytes_sent(Exchange exchange):
    return b"%d" % exchange.sent


cdef bytes _body_bytes_sent(Exchange exchange):
    return b"%d" % exchange.content_sent


cdef bytes _sent_content_length(Exchange exchange):
    cdef Response response = exchange.response
    if response is None:
        return None
    if response.chunked:
        return None
    if response.body is not None and response.body.length >= 0:
        return b"%d" % response.body.length
    if response.declared_length >= 0:
        return b"%d" % response.declared_length
    return None


cdef bytes _sent_connection(Exchange exchange):
    if exchange.response is None:
        return None
    if exchange.response.status == 101:
        return b"upgrade"
    return b"keep-alive" if exchange.keep_alive else b"close"


cdef bytes _sent_keep_alive(Exchange exchange):
    if exchange.response is None or not exchange.keep_alive or exchange.location is None:
        return None
    return (<Location> exchange.location).settings.keepalive_header


cdef bytes _sent_transfer_encoding(Exchange exchange):
    if exchange.response is None or not exchange.response.chunked:
        return None
    return b"chunked"


cdef class SentField(Variable):
    """$sent_http_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        if exchange.response is None:
            return None
        return exchange.response.fields.variable(self.field)


cdef Variable _sent_field(str name, bytes rest):
    cdef SentField made = SentField(name)
    made.field = rest
    return made


cdef class SentTrailer(Variable):
    """$sent_trailer_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        cdef Response response = exchange.response
        if response is None or response.sent_trailers is None:
            return None
        return response.sent_trailers.variable(self.field)


cdef Variable _sent_trailer(str name, bytes rest):
    cdef SentTrailer made = SentTrailer(name)
    made.field = rest
    return made


cdef int _fill() except -1:
    know("status", _status)
    know("bytes_sent", _bytes_sent)
    know("body_bytes_sent", _body_bytes_sent)
    know("sent_http_content_length", _sent_content_length)
    know("sent_http_connection", _sent_connection)
    know("sent_http_keep_alive", _sent_keep_alive)
    know("sent_http_transfer_encoding", _sent_transfer_encoding)
    know_family("sent_http_", _sent_field)
    know_family("sent_trailer_", _sent_trailer)
    return 0


_fill()
