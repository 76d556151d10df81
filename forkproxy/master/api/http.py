"""HTTP/1.1 on the control socket: requests out of octets, answers into octets.

Read by the same parser as requests of clients (wire/), and only so far as an API needs it: no
trailers, no coding but chunked.
"""

from __future__ import annotations

import functools
import json
import secrets
from typing import Any

from forkproxy.errors import ProtocolError
from forkproxy.master.api import routes
from forkproxy.master.api.call import Call
from forkproxy.master.commands import Level, Master
from forkproxy.master.reply import JSON, Reply
from forkproxy.wire.chunked import ChunkedDecoder
from forkproxy.wire.head import RequestHead, parse_request_head
from forkproxy.wire.head_limits import request_length

PATIENCE = 10.0  # seconds
LONGEST_BODY = 16 * 1024 * 1024  # octets
MANUAL = "https://nginx.org/en/docs/http/ngx_http_api_module.html"
REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
# Of errors that nobody gave a name of their own.
CODES = {
    400: "BadRequest",
    403: "Forbidden",
    404: "PathNotFound",
    405: "MethodDisabled",
    409: "Conflict",
    413: "BodyReadError",
    415: "JsonError",
    500: "InternalError",
    504: "Timeout",
}


def payload(reply: Reply) -> Any:
    """Return what an answer is in JSON."""
    if reply.status >= 400:
        code = reply.code or CODES.get(reply.status, "Error")
        return {
            "error": {"status": reply.status, "text": reply.text, "code": code},
            "request_id": secrets.token_hex(16),
            "href": MANUAL,
        }
    return {"done": True, "text": reply.text} if reply.data is None else reply.data


def body_of(reply: Reply) -> bytes:
    """Return the content of an answer, b"" where it has none."""
    if reply.status == 204:
        return b""
    if reply.file is not None:
        reply.file.seek(0)
        return reply.file.read()
    if reply.content_type != JSON:
        return reply.text.encode("utf-8", "backslashreplace")
    return json.dumps(payload(reply), separators=(",", ":")).encode() + b"\n"


class HttpTongue:
    """The requests of one connection."""

    def __init__(self, master: Master, client: int, level: Level) -> None:
        self.over = False
        self.patience = PATIENCE
        self._master = master
        self._client = client
        self._write = level is Level.ADMIN
        self._head: RequestHead | None = None
        self._decoder: ChunkedDecoder | None = None
        self._body = b""
        self._head_only = False

    def next(self, asked: bytearray, *, ended: bool) -> routes.Question | None:
        """Take the next request off the front of what came; None while it is incomplete."""
        try:
            if self._head is None:
                self._read_head(asked)
            if self._head is None or not self._read_body(asked):
                self.over = self.over or ended
                return None
        except ProtocolError as error:
            self.over = True
            return functools.partial(Reply, error.reason, None, error.status, "BodyReadError")
        head, self._head = self._head, None
        body, self._body = self._body, b""
        return self._question(head, body)

    def say(self, reply: Reply) -> bytes:
        """Return an answer as octets."""
        body = body_of(reply)
        lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Error')}"]
        if reply.status != 204:
            lines += [f"Content-Type: {reply.content_type}", f"Content-Length: {len(body)}"]
        if reply.status == 405:
            lines.append("Allow: GET, HEAD")
        lines.append(f"Connection: {'close' if self.over else 'keep-alive'}")
        head = "\r\n".join([*lines, "", ""]).encode()
        return head if self._head_only else head + body

    def _read_head(self, asked: bytearray) -> None:
        length, _ = request_length(bytes(asked))
        if not length:
            return
        head = self._head = parse_request_head(bytes(asked[:length]))
        del asked[:length]
        self.over = not head.keep_alive
        self._head_only = head.method == b"HEAD"
        self._decoder = ChunkedDecoder() if head.chunked else None
        if head.content_length > LONGEST_BODY:
            raise ProtocolError("the body is too long", status=413)

    def _read_body(self, asked: bytearray) -> bool:
        """Move the body out of what came; return whether it is whole."""
        assert self._head is not None
        if self._decoder is not None:
            content, rest = self._decoder.feed(bytes(asked))
            self._body += content
            asked[:] = rest
            if len(self._body) > LONGEST_BODY:
                raise ProtocolError("the body is too long", status=413)
            return self._decoder.done
        length = max(0, self._head.content_length)
        if len(asked) < length:
            return False
        self._body = bytes(asked[:length])
        del asked[:length]
        return True

    def _question(self, head: RequestHead, body: bytes) -> routes.Question:
        call = Call(
            self._master,
            self._client,
            head.method.decode("latin-1"),
            head.path.decode("latin-1"),
            (head.query or b"").decode("latin-1"),
            body,
            write=self._write,
        )
        return functools.partial(routes.answer, call)
