"""The variables every request has: nginx's names, each computed when it is asked for.

What `set`, `map` and named captures define is not here: that is made when a configuration is built.
"""

import os
import socket
import struct
import time
import uuid

from forkproxy import __version__
from forkproxy.clock cimport monotonic, wall
from forkproxy.core.exchange cimport Attempt, Client, Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Location, Server
from forkproxy.wire.fields cimport CONTENT_LENGTH, CONTENT_TYPE, Fields

ctypedef bytes (*Getter)(Exchange exchange)

cdef dict table = {}
cdef bytes hostname = socket.gethostname().lower().encode()


cdef class Known(Variable):
    """A variable that one function computes."""

    cdef Getter getter

    cdef bytes value(self, Exchange exchange):
        return self.getter(exchange)


cdef int _know(str name, Getter getter) except -1:
    cdef Known made = Known(name)
    made.getter = getter
    table[name] = made
    return 0


# The request.

cdef bytes _args(Exchange exchange):
    return exchange.args or None        # nothing behind the "?" is as no "?"

cdef bytes _is_args(Exchange exchange):
    return b"?" if exchange.args else b""

cdef bytes _uri(Exchange exchange):
    return exchange.uri

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
    return b"HTTP/1.1" if exchange.head.minor else b"HTTP/1.0"

cdef bytes _content_length(Exchange exchange):
    if exchange.head.content_length >= 0:
        return b"%d" % exchange.head.content_length
    return None

cdef bytes _content_type(Exchange exchange):
    return exchange.head.fields.get(b"content-type")

cdef bytes _request_length(Exchange exchange):
    return b"%d" % exchange.request_length()

cdef bytes _request_body(Exchange exchange):
    if exchange.stored_body is None:
        return None
    return exchange.stored_body.octets

cdef bytes _request_body_file(Exchange exchange):
    if exchange.stored_body is None:
        return None
    return exchange.stored_body.path

cdef bytes _request_completion(Exchange exchange):
    return b"OK" if exchange.completed else b""

cdef bytes _request_id(Exchange exchange):
    cdef Exchange main = exchange.main()
    if main.identity is None:
        main.identity = uuid.uuid4().hex.encode()
    return main.identity

cdef bytes _request_time(Exchange exchange):
    return _seconds(monotonic() - exchange.started)

cdef bytes _remote_user(Exchange exchange):
    cdef bytes given = exchange.head.fields.get(b"authorization")
    if given is None or not given[:6].lower() == b"basic ":
        return None
    import base64
    try:
        return base64.b64decode(given[6:].strip()).partition(b":")[0]
    except ValueError:
        return None

cdef bytes _proxy_add_x_forwarded_for(Exchange exchange):
    cdef bytes given = exchange.head.fields.joined(b"x-forwarded-for")
    if not given:
        return exchange.client.address
    return given + b", " + exchange.client.address


# The connection.

cdef bytes _remote_addr(Exchange exchange):
    return exchange.client.address

cdef bytes _remote_port(Exchange exchange):
    return b"%d" % exchange.client.port if exchange.client.port else b""

cdef bytes _binary_remote_addr(Exchange exchange):
    text = exchange.client.address.decode()
    if text.startswith("unix:"):
        return exchange.client.address
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)

cdef bytes _server_addr(Exchange exchange):
    return exchange.client.local_address()

cdef bytes _server_port(Exchange exchange):
    return b"%d" % exchange.client.local_port()

cdef bytes _server_name(Exchange exchange):
    return (<Server> exchange.server).name

cdef bytes _connection(Exchange exchange):
    return b"%d" % exchange.client.number

cdef bytes _connection_requests(Exchange exchange):
    return b"%d" % exchange.client.requests

cdef bytes _connection_time(Exchange exchange):
    return _seconds(wall() - exchange.client.since)


# The response.

cdef bytes _status(Exchange exchange):
    cdef int status = exchange.status
    if status == 0 and exchange.response is not None:
        status = exchange.response.status
    return b"%03d" % status

cdef bytes _bytes_sent(Exchange exchange):
    return b"%d" % exchange.sent

cdef bytes _body_bytes_sent(Exchange exchange):
    return b"%d" % exchange.content_sent

cdef bytes _pipe(Exchange exchange):
    return b"p" if exchange.pipelined else b"."

cdef bytes _sent_content_length(Exchange exchange):
    cdef Response response = exchange.response
    if response is None:
        return None
    if response.body is not None and response.body.length >= 0:
        return b"%d" % response.body.length
    return response.fields.get(b"content-length")


# The upstream.

cdef bytes _proxy_host(Exchange exchange):
    return exchange.proxy_host

cdef bytes _proxy_port(Exchange exchange):
    return exchange.proxy_port

cdef bytes _upstream_addr(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([(<Attempt> one).address for one in exchange.attempts])

cdef bytes _upstream_status(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([b"%d" % (<Attempt> one).status if (<Attempt> one).status else b"-"
                       for one in exchange.attempts])

cdef bytes _upstream_response_time(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([_seconds((<Attempt> one).response_time) for one in exchange.attempts])

cdef bytes _upstream_header_time(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([_seconds((<Attempt> one).header_time) for one in exchange.attempts])

cdef bytes _upstream_connect_time(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([_seconds((<Attempt> one).connect_time) for one in exchange.attempts])

cdef bytes _upstream_response_length(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([b"%d" % (<Attempt> one).content for one in exchange.attempts])

cdef bytes _upstream_bytes_received(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([b"%d" % (<Attempt> one).received for one in exchange.attempts])

cdef bytes _upstream_bytes_sent(Exchange exchange):
    if exchange.attempts is None:
        return None
    return b", ".join([b"%d" % (<Attempt> one).sent for one in exchange.attempts])


# The machine and the moment.

cdef bytes _hostname(Exchange exchange):
    return hostname

cdef bytes _pid(Exchange exchange):
    return b"%d" % os.getpid()

cdef bytes _nginx_version(Exchange exchange):
    return __version__.encode()

cdef bytes _msec(Exchange exchange):
    return b"%.3f" % wall()

cdef bytes _time_iso8601(Exchange exchange):
    return _moment(0)

cdef bytes _time_local(Exchange exchange):
    return _moment(1)


cdef long moment_second = -1
cdef bytes moment_iso = b""
cdef bytes moment_local = b""
cdef tuple MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


cdef bytes _moment(int which):
    """This second in one of the two forms that logs use, made once a second."""
    global moment_second, moment_iso, moment_local
    cdef long second = <long> wall()
    if second != moment_second:
        moment_second = second
        local = time.localtime(second)
        offset = local.tm_gmtoff // 60
        sign = "-" if offset < 0 else "+"
        hours, minutes = divmod(abs(offset), 60)
        clock = f"{local.tm_hour:02}:{local.tm_min:02}:{local.tm_sec:02}"
        moment_iso = (f"{local.tm_year}-{local.tm_mon:02}-{local.tm_mday:02}T{clock}"
                      f"{sign}{hours:02}:{minutes:02}").encode()
        moment_local = (f"{local.tm_mday:02}/{MONTHS[local.tm_mon - 1]}/{local.tm_year}:{clock} "
                        f"{sign}{hours:02}{minutes:02}").encode()
    return moment_iso if which == 0 else moment_local


cdef bytes _seconds(double duration):
    """nginx's form of a duration: seconds with three digits; "-" where there is none."""
    if duration < 0.0:
        return b"-"
    return b"%.3f" % duration


# Families: a prefix, and what follows it names a field, a cookie or an argument.

cdef class RequestField(Variable):
    """$http_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        return exchange.head.fields.variable(self.field)


cdef class SentField(Variable):
    """$sent_http_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        if exchange.response is None:
            return None
        if self.field == b"content_length":
            return _sent_content_length(exchange)
        return exchange.response.fields.variable(self.field)


cdef class SentTrailer(Variable):
    """$sent_trailer_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        cdef Response response = exchange.response
        if response is None or response.body is None or response.body.trailers is None:
            return None
        return response.body.trailers.variable(self.field)


cdef class UpstreamField(Variable):
    """$upstream_http_name, as the upstream sent it."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        if exchange.upstream_fields is None:
            return None
        return exchange.upstream_fields.variable(self.field)


cdef class UpstreamTrailer(Variable):
    """$upstream_trailer_name."""

    cdef bytes field

    cdef bytes value(self, Exchange exchange):
        cdef Response response = exchange.response
        if response is None or not response.from_upstream or response.body is None:
            return None
        if response.body.trailers is None:
            return None
        return response.body.trailers.variable(self.field)


cdef class Cookie(Variable):
    """$cookie_name."""

    cdef bytes cookie

    cdef bytes value(self, Exchange exchange):
        for line in exchange.head.fields.all(b"cookie"):
            for pair in line.split(b";"):
                name, equals, value = pair.strip().partition(b"=")
                if equals and name == self.cookie:
                    return value
        return None


cdef class UpstreamCookie(Variable):
    """$upstream_cookie_name: of Set-Cookie."""

    cdef bytes cookie

    cdef bytes value(self, Exchange exchange):
        if exchange.upstream_fields is None:
            return None
        for line in exchange.upstream_fields.all(b"set-cookie"):
            name, equals, value = line.partition(b";")[0].partition(b"=")
            if equals and name.strip() == self.cookie:
                return value.strip()
        return None


cdef class Argument(Variable):
    """$arg_name: the first of that name, as it came; names without regard to case."""

    cdef bytes argument

    cdef bytes value(self, Exchange exchange):
        if not exchange.args:
            return None
        for pair in exchange.args.split(b"&"):
            name, equals, value = pair.partition(b"=")
            if equals and name.lower() == self.argument:
                return value
        return None


cdef Variable _family(str name):
    cdef bytes rest
    cdef Variable made = None
    for prefix in ("sent_http_", "sent_trailer_", "upstream_http_", "upstream_trailer_",
                   "upstream_cookie_", "http_", "cookie_", "arg_"):
        if name.startswith(prefix) and len(name) > len(prefix):
            rest = name[len(prefix):].lower().encode()
            break
    else:
        return None
    if prefix == "http_":
        made = RequestField(name)
        (<RequestField> made).field = rest
    elif prefix == "sent_http_":
        made = SentField(name)
        (<SentField> made).field = rest
    elif prefix == "sent_trailer_":
        made = SentTrailer(name)
        (<SentTrailer> made).field = rest
    elif prefix == "upstream_http_":
        made = UpstreamField(name)
        (<UpstreamField> made).field = rest
    elif prefix == "upstream_trailer_":
        made = UpstreamTrailer(name)
        (<UpstreamTrailer> made).field = rest
    elif prefix == "upstream_cookie_":
        made = UpstreamCookie(name)
        (<UpstreamCookie> made).cookie = name[len(prefix):].encode()
    elif prefix == "cookie_":
        made = Cookie(name)
        (<Cookie> made).cookie = name[len(prefix):].encode()
    else:
        made = Argument(name)
        (<Argument> made).argument = rest
    return made


cdef Variable builtin(str name):
    found = table.get(name)
    return <Variable> found if found is not None else _family(name)


cdef int _fill() except -1:
    _know("args", _args)
    _know("query_string", _args)
    _know("is_args", _is_args)
    _know("uri", _uri)
    _know("document_uri", _uri)
    _know("request_uri", _request_uri)
    _know("request", _request)
    _know("request_method", _request_method)
    _know("host", _host)
    _know("scheme", _scheme)
    _know("https", _https)
    _know("server_protocol", _server_protocol)
    _know("content_length", _content_length)
    _know("content_type", _content_type)
    _know("request_length", _request_length)
    _know("request_body", _request_body)
    _know("request_body_file", _request_body_file)
    _know("request_completion", _request_completion)
    _know("request_id", _request_id)
    _know("request_time", _request_time)
    _know("remote_user", _remote_user)
    _know("proxy_add_x_forwarded_for", _proxy_add_x_forwarded_for)
    _know("remote_addr", _remote_addr)
    _know("remote_port", _remote_port)
    _know("binary_remote_addr", _binary_remote_addr)
    _know("server_addr", _server_addr)
    _know("server_port", _server_port)
    _know("request_port", _server_port)
    _know("server_name", _server_name)
    _know("connection", _connection)
    _know("connection_requests", _connection_requests)
    _know("connection_time", _connection_time)
    _know("status", _status)
    _know("bytes_sent", _bytes_sent)
    _know("body_bytes_sent", _body_bytes_sent)
    _know("pipe", _pipe)
    _know("proxy_host", _proxy_host)
    _know("proxy_port", _proxy_port)
    _know("upstream_addr", _upstream_addr)
    _know("upstream_status", _upstream_status)
    _know("upstream_response_time", _upstream_response_time)
    _know("upstream_header_time", _upstream_header_time)
    _know("upstream_connect_time", _upstream_connect_time)
    _know("upstream_response_length", _upstream_response_length)
    _know("upstream_bytes_received", _upstream_bytes_received)
    _know("upstream_bytes_sent", _upstream_bytes_sent)
    _know("hostname", _hostname)
    _know("pid", _pid)
    _know("nginx_version", _nginx_version)
    _know("msec", _msec)
    _know("time_iso8601", _time_iso8601)
    _know("time_local", _time_local)
    return 0


_fill()


def names():
    """Return the names of all variables here that are no families."""
    return frozenset(table)


def find(str name not None):
    """Return the variable of that name which every request has, or None."""
    return builtin(name)
