"""Variables of the request: its line, its fields, its arguments, its cookies, its body."""

import base64
import binascii

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.clock cimport monotonic
from forkproxy.core.bodies cimport Stored
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Variable
from forkproxy.core.known cimport know, know_family, seconds
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport same_letters


cdef bytes _args(Exchange exchange):
    return exchange.args or None        # nothing behind the "?" is as no "?"


cdef bytes _is_args(Exchange exchange):
    return b"?" if exchange.args else b""


cdef bytes _uri(Exchange exchange):
    return exchange.uri or b""          # a request that could not be read has none


cdef bytes _request_uri(Exchange exchange):
    return exchange.head.target


cdef bytes _request(Exchange exchange):
    return exchange.head.request_line


cdef bytes _request_method(Exchange exchange):
    return exchange.head.method


cdef bytes _host(Exchange exchange):
    return exchange.host()


cdef bytes _scheme(Exchange exchange):
    return b"https" if exchange.client.secure else b"http"


cdef bytes _https(Exchange exchange):
    return b"on" if exchange.client.secure else b""


cdef bytes _server_protocol(Exchange exchange):
    if exchange.head.major == 2:
        return b"HTTP/2.0"
    return b"HTTP/1.1" if exchange.head.minor else b"HTTP/1.0"


cdef bytes _http2(Exchange exchange):
    if exchange.head.major != 2:
        return None
    return b"h2" if exchange.client.secure else b"h2c"


cdef bytes _request_port(Exchange exchange):
    """The port that the client named: in the request line, else in Host."""
    cdef bytes given = exchange.head.authority
    cdef Py_ssize_t colon
    if given is None:
        given = exchange.head.host
    if given is None:
        return b""
    colon = given.rfind(b":")
    if colon < 0 or given.endswith(b"]"):
        return b""
    return given[colon + 1:]


cdef bytes _is_request_port(Exchange exchange):
    return b":" if _request_port(exchange) else b""


cdef bytes _content_length(Exchange exchange):
    if exchange.head.content_length >= 0:
        return b"%d" % exchange.head.content_length
    if exchange.stored_body is not None:
        return b"%d" % (<Stored> exchange.stored_body).length       # it came in chunks
    return None


cdef bytes _content_type(Exchange exchange):
    return exchange.head.fields.variable(b"content_type")


cdef bytes _request_length(Exchange exchange):
    return b"%d" % exchange.request_length()


cdef bytes _request_body(Exchange exchange):
    if exchange.stored_body is None:
        return None
    return (<Stored> exchange.stored_body).octets


cdef bytes _request_body_file(Exchange exchange):
    if exchange.stored_body is None:
        return None
    return (<Stored> exchange.stored_body).path


cdef bytes _request_completion(Exchange exchange):
    return b"OK" if exchange.completed else b""


cdef bytes _request_id(Exchange exchange):
    return exchange.request_id()


cdef bytes _request_time(Exchange exchange):
    return seconds(monotonic() - exchange.started)


cdef bytes _remote_user(Exchange exchange):
    cdef bytes given = exchange.head.fields.get(b"authorization")
    if given is None or not given[:6].lower() == b"basic ":
        return None
    try:
        user, colon, _password = base64.b64decode(given[6:].strip()).partition(b":")
    except binascii.Error:
        return None
    return user if colon else None


cdef bytes _proxy_add_x_forwarded_for(Exchange exchange):
    cdef bytes given = exchange.head.fields.joined(b"x-forwarded-for")
    if not given:
        return exchange.address
    return given + b", " + exchange.address


cdef bytes _internal_body_length(Exchange exchange):
    """What proxy_pass says in Content-Length, where it says that."""
    return _content_length(exchange)


cdef bytes _internal_chunked(Exchange exchange):
    return b"chunked" if exchange.head.chunked and exchange.stored_body is None else b""


cdef class RequestField(Variable):
    """$http_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        return exchange.head.fields.variable(self.field)


cdef Variable _request_field(str name, bytes rest):
    cdef RequestField made = RequestField(name)
    made.field = rest
    return made


cdef class RequestTrailer(Variable):
    """$trailer_name: known when the body has been read."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        cdef Fields trailers = None
        if exchange.stored_body is not None:
            trailers = (<Stored> exchange.stored_body).trailers
        elif exchange.body is not None:
            trailers = exchange.body.trailers
        return None if trailers is None else trailers.variable(self.field)


cdef Variable _request_trailer(str name, bytes rest):
    cdef RequestTrailer made = RequestTrailer(name)
    made.field = rest
    return made


cdef class Cookie(Variable):
    """$cookie_name: the first of that name, whose letters' case is no matter."""

    cdef bytes cookie

    cdef bytes value(self, Exchange exchange):
        cdef bytes found
        for line in exchange.head.fields.all(b"cookie"):
            found = _cookie(<bytes> line, self.cookie)
            if found is not None:
                return found
        return None


cdef bytes _cookie(bytes line, bytes name):
    """The value of a cookie in a line of them, told apart by ";"."""
    cdef Py_ssize_t at = 0, length = PyBytes_GET_SIZE(line), count = PyBytes_GET_SIZE(name), end
    cdef const char* data = PyBytes_AS_STRING(line)
    while at + count < length:
        if same_letters(data + at, PyBytes_AS_STRING(name), count):
            at += count
            while at < length and data[at] == c" ":
                at += 1
            if at < length and data[at] == c"=":
                at += 1
                while at < length and data[at] == c" ":
                    at += 1
                end = line.find(b";", at)
                return line[at:] if end < 0 else line[at:end]
        while at < length and data[at] != c";":
            at += 1
        at += 1
        while at < length and data[at] == c" ":
            at += 1
    return None


cdef Variable _cookie_variable(str name, bytes rest):
    cdef Cookie made = Cookie(name)
    made.cookie = rest
    return made


cdef class Argument(Variable):
    """$arg_name: the first of that name, as it came; names without regard to case."""

    cdef bytes argument

    cdef bytes value(self, Exchange exchange):
        if not exchange.args or not self.argument:
            return None
        for pair in exchange.args.split(b"&"):
            name, equals, value = pair.partition(b"=")
            if equals and name.lower() == self.argument:
                return value
        return None


cdef Variable _argument(str name, bytes rest):
    cdef Argument made = Argument(name)
    made.argument = rest
    return made


cdef int _fill() except -1:
    know("args", _args)
    know("query_string", _args)
    know("is_args", _is_args)
    know("uri", _uri)
    know("document_uri", _uri)
    know("request_uri", _request_uri)
    know("request", _request)
    know("request_method", _request_method)
    know("host", _host)
    know("scheme", _scheme)
    know("https", _https)
    know("server_protocol", _server_protocol)
    know("http2", _http2)
    know("request_port", _request_port)
    know("is_request_port", _is_request_port)
    know("content_length", _content_length)
    know("content_type", _content_type)
    know("request_length", _request_length)
    know("request_body", _request_body)
    know("request_body_file", _request_body_file)
    know("request_completion", _request_completion)
    know("request_id", _request_id)
    know("request_time", _request_time)
    know("remote_user", _remote_user)
    know("proxy_add_x_forwarded_for", _proxy_add_x_forwarded_for)
    know("proxy_internal_body_length", _internal_body_length)
    know("proxy_internal_chunked", _internal_chunked)
    know_family("http_", _request_field)
    know_family("trailer_", _request_trailer)
    know_family("cookie_", _cookie_variable)
    know_family("arg_", _argument)
    return 0


_fill()
