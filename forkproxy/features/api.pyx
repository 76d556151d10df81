"""api: the REST API of the control socket, at a location.

The master answers, as it does on its socket; a worker only carries questions and answers, so what
a location shows and what it may change are one thing everywhere.
"""

from forkproxy.core.bodies cimport FileBody, OctetsBody
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.inquiries import inquiries
from forkproxy.core.plan cimport Handler, Location

DEF LONGEST = 16777216      # octets of a body


cdef class Api(Handler):

    cdef bint write
    cdef str base               # the location's path

    cdef Response answer(self, Exchange exchange):
        cdef bytes body
        if exchange.method == b"OPTIONS":
            return Response(204)
        body = _body(exchange)
        if body is None:
            return fault(exchange, 413)
        path = "/api/" + exchange.uri.decode("utf-8", "replace")[len(self.base):]
        return asked_of_master(exchange, path, body, self.write)


cdef Response asked_of_master(Exchange exchange, str path, bytes body, bint write):
    cdef Response response
    answer = inquiries.ask({
        "method": exchange.method.decode("latin-1"),
        "path": path,
        "query": (exchange.args or b"").decode("latin-1"),
        "body": body.decode("latin-1"),
        "write": write,
        "address": exchange.client.local_address().decode(),
    })
    if answer is None:
        return fault(exchange, 504)
    response = Response(answer["status"])
    if "file" in answer:
        response.body = FileBody(answer["file"], 0, answer["length"])
    elif answer["status"] != 204:
        response.body = OctetsBody(answer["body"].encode())
    else:
        return response
    response.fields.add(b"Content-Type", answer["type"].encode())
    if exchange.method in (b"GET", b"HEAD"):
        response.fields.add(b"Cache-Control", b"no-cache")
    return response


cdef bytes _body(Exchange exchange):
    """Return the request's body, None where it is too long. Waits."""
    cdef Body body = exchange.body
    cdef list pieces = []
    cdef bytes piece
    cdef Py_ssize_t length = 0
    if body is None:
        return b""
    if body.length > LONGEST:
        return None
    while True:
        piece = body.read()
        if not piece:
            return b"".join(pieces)
        length += len(piece)
        if length > LONGEST:
            return None
        pieces.append(piece)


def install(scope, Location location not None, making):
    """Let a location answer as the API."""
    cdef Api made
    for line in scope.own("api"):
        made = Api.__new__(Api)
        made.write = line.value.write
        made.base = location.path.decode("utf-8", "replace")
        location.content = made
