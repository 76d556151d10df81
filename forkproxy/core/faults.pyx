"""A status to the response the client gets when no other page was configured."""

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.error_pages cimport explain_error
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location, Server, Settings

cdef dict REASONS = {
    100: b"Continue", 101: b"Switching Protocols", 102: b"Processing", 103: b"Early Hints",
    200: b"OK", 201: b"Created", 202: b"Accepted", 203: b"Non-Authoritative Information",
    204: b"No Content", 205: b"Reset Content", 206: b"Partial Content", 207: b"Multi-Status",
    300: b"Multiple Choices", 301: b"Moved Permanently", 302: b"Moved Temporarily",
    303: b"See Other", 304: b"Not Modified", 305: b"Use Proxy", 307: b"Temporary Redirect",
    308: b"Permanent Redirect",
    400: b"Bad Request", 401: b"Unauthorized", 402: b"Payment Required", 403: b"Forbidden",
    404: b"Not Found", 405: b"Not Allowed", 406: b"Not Acceptable",
    407: b"Proxy Authentication Required", 408: b"Request Time-out", 409: b"Conflict",
    410: b"Gone", 411: b"Length Required", 412: b"Precondition Failed",
    413: b"Request Entity Too Large", 414: b"Request-URI Too Large",
    415: b"Unsupported Media Type", 416: b"Requested Range Not Satisfiable",
    417: b"Expectation Failed", 421: b"Misdirected Request", 422: b"Unprocessable Entity",
    423: b"Locked", 424: b"Failed Dependency", 425: b"Too Early", 426: b"Upgrade Required",
    428: b"Precondition Required", 429: b"Too Many Requests",
    431: b"Request Header Fields Too Large", 451: b"Unavailable For Legal Reasons",
    500: b"Internal Server Error", 501: b"Not Implemented", 502: b"Bad Gateway",
    503: b"Service Temporarily Unavailable", 504: b"Gateway Time-out",
    505: b"HTTP Version Not Supported", 507: b"Insufficient Storage",
}

# What nginx shows for statuses that exist only inside it.
cdef dict SHOWN = {
    494: (400, b"400 Request Header Or Cookie Too Large", b"Request Header Or Cookie Too Large"),
    495: (400, b"400 The SSL certificate error", b"The SSL certificate error"),
    496: (400, b"400 No required SSL certificate was sent",
          b"No required SSL certificate was sent"),
    497: (400, b"400 The plain HTTP request was sent to HTTPS port",
          b"The plain HTTP request was sent to HTTPS port"),
}

# Where nginx's pages do not say what its status lines do.
cdef dict TITLES = {302: b"Found", 401: b"Authorization Required"}

# After these the connection is not used again: what follows on it cannot be trusted, or is not
# ours.
cdef frozenset CLOSING = frozenset((400, 413, 414, 494, 495, 496, 497, 500, 501, 505))

cdef dict pages = {}


cdef bytes reason_of(int status):
    return REASONS.get(status, b"")


cdef bytes _page(int status, bytes signature):
    """The page of a status; made once for each signature."""
    cdef bytes title, more = b""
    found = pages.get((status, signature))
    if found is not None:
        return <bytes> found
    if status in SHOWN:
        _shown, title, more = SHOWN[status]
        more = b"<center>" + more + b"</center>\r\n"
        heading = b"400 Bad Request"
    else:
        title = heading = b"%d %s" % (status, TITLES.get(status, reason_of(status)))
    page = (
        b"<html>\r\n<head><title>" + title + b"</title></head>\r\n<body>\r\n<center><h1>" + heading
        + b"</h1></center>\r\n" + more + b"<hr><center>" + signature
        + b"</center>\r\n</body>\r\n</html>\r\n"
    )
    pages[(status, signature)] = page
    return page


cdef Response fault(Exchange exchange, int status):
    cdef Settings settings = _settings(exchange)
    cdef Response response
    if status in CLOSING:
        exchange.keep_alive = False
    if status == 444 or status == 499:
        exchange.keep_alive = False
        response = Response(status)
        response.close_unanswered = True
        return response
    response = Response(status)
    # As nginx: what is no error is an answer like any other, also in place of an error.
    response.special = status >= 300
    if status in SHOWN:
        response.status = SHOWN[status][0]
        response.shown_for = status
    if status in (204, 304) or status < 200:
        return response
    if status >= 400 and settings is not None and settings.explains_errors:
        explain_error(exchange, response, status)
    elif status >= 300 and (status in REASONS or status in SHOWN):
        signature = settings.server_header if settings is not None else b"forkproxy"
        response.body = OctetsBody(_page(status, signature))
        response.fields.add(b"Content-Type", b"text/html")
    return response


cdef Settings _settings(Exchange exchange):
    if exchange.location is not None:
        return (<Location> exchange.location).settings
    if exchange.server is not None:
        return (<Server> exchange.server).default.settings
    return None


cdef Response moved(Exchange exchange, int status, bytes where):
    cdef Response response = fault(exchange, status)
    response.fields.add(b"Location", absolute(exchange, where))
    return response


cpdef bytes absolute(Exchange exchange, bytes where):
    """A path made a URL of the server that was asked: nginx's rules for its own redirects."""
    cdef Settings settings = _settings(exchange)
    cdef bytes host, port
    if not where.startswith(b"/") or settings is None or not settings.absolute_redirect:
        return where
    host = ((<Server> exchange.server).name if settings.server_name_in_redirect
            else exchange.head.hostname)
    if not host:
        host = exchange.client.local_address()
    port = b""
    if settings.port_in_redirect:
        number = exchange.client.local_port()
        if number not in (0, 443 if exchange.client.secure else 80):
            port = b":%d" % number
    return (b"https://" if exchange.client.secure else b"http://") + host + port + where
