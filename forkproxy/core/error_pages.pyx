"""forkproxy_error_pages modern: our own errors say what happened, to people and to programs.

A small page, or for those who would rather have JSON a problem (RFC 9457), with the request's id,
which is in the error log too. They name neither the program nor anything behind it.
"""

from http import HTTPStatus
from json import dumps

from forkproxy.core.bodies cimport OctetsBody
from forkproxy.core.exchange cimport Exchange, Response

from forkproxy.wire.accept import preference

PROBLEM = b"application/problem+json"

# What the status alone does not say, for whoever has to do something about it.
cdef dict DETAILS = {
    400: "The request could not be understood.",
    401: "You have to say who you are.",
    403: "You may not see this.",
    404: "There is nothing at this address.",
    405: "This cannot be done here.",
    408: "The request took too long to arrive.",
    410: "What was here is gone, and does not come back.",
    411: "The request has to say how long its content is.",
    412: "What the request took for granted is no longer so.",
    413: "The content of the request is too large.",
    414: "The address is too long.",
    415: "Content of this kind is not taken here.",
    416: "There is no such part of this.",
    421: "This connection does not lead to that server. Please try again.",
    425: "The request came too early on this connection. Please try again.",
    429: "Too many requests. Please wait a little, then try again.",
    431: "The header fields of the request are too large.",
    494: "The header fields of the request are too large.",
    495: "The certificate that was shown is not accepted.",
    496: "A certificate has to be shown.",
    497: "This address is for HTTPS.",
    500: "Something went wrong here. It is not your fault.",
    501: "This cannot be done here.",
    502: "The server behind this one could not be reached, or gave no valid answer.",
    503: "There is no room for this request at the moment. Please try again soon.",
    504: "The server behind this one took too long to answer.",
    507: "There is no room left to store this.",
}

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>%d %s</title>
<style>body{font:1em/1.5 system-ui,sans-serif;max-width:36em;margin:15vh auto;padding:0 1em}\
small{opacity:.7}</style>
<h1>%s</h1>
%s<p><small>Status %d, request %s</small></p>
"""


cdef int explain_error(Exchange exchange, Response response, int shown_for) except -1:
    cdef int status = response.status
    cdef str detail = DETAILS.get(shown_for, "")
    cdef str identity = exchange.request_id().decode("latin-1")
    cdef str title = _title(status)
    cdef bytes line = exchange.head.fields.joined(b"accept")
    json = max(preference(line, PROBLEM), preference(line, b"application/json"))
    if json > preference(line, b"text/html"):
        problem = {"type": "about:blank", "title": title, "status": status}
        if detail:
            problem["detail"] = detail
        problem["request_id"] = identity
        response.body = OctetsBody(dumps(problem).encode() + b"\n")
        response.fields.add(b"Content-Type", PROBLEM)
    else:
        told = f"<p>{detail}</p>\n" if detail else ""
        page = PAGE % (status, title, title, told, status, identity)
        response.body = OctetsBody(page.encode())
        response.fields.add(b"Content-Type", b"text/html; charset=utf-8")
    response.fields.add(b"Vary", b"Accept")
    return 0


cdef str _title(int status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
