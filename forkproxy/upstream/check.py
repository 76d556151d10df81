"""Health checks as they are made: what is sent to a peer, and whether an answer is good."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config.directives.health import Condition, HealthCheck, Match
from forkproxy.net.dial import Address
from forkproxy.net.stream import Stream
from forkproxy.upstream.secure import Secure
from forkproxy.wire.head import ResponseHead

BODY = 262144  # octets of an answer that a match looks at


@dataclass(frozen=True, slots=True)
class Check:
    """One health_check of a location, for the peers of its upstream.

    Attributes:
        name: of its location, for the log.
        request: the octets that are sent.
        connect_timeout: seconds, as for requests of the location.
        timeout: seconds until the answer must be there.
        secure: how peers are met by TLS, None for plain HTTP; `tls_name` is who they must be.
        introduction: what is said before all else: a PROXY header, or nothing.
    """

    name: str
    settings: HealthCheck
    match: Match | None
    request: bytes
    connect_timeout: float
    timeout: float
    secure: Secure | None = None
    tls_name: bytes = b""
    introduction: bytes = b""

    def greet(self, stream: Stream, address: Address) -> None:
        """Begin a connection as requests of the location would. Waits. Raises PeerError."""
        if self.introduction:
            stream.send(self.introduction)
        if self.secure is not None:
            self.secure.greet(stream, self.tls_name, address.text, self.timeout)

    @property
    def reads_body(self) -> bool:
        """Whether the content of an answer counts."""
        return self.match is not None and any(
            one.subject == "body" for one in self.match.conditions
        )

    def objection(self, head: ResponseHead, body: bytes) -> str:
        """Return what is wrong with an answer; "" where nothing is."""
        if self.match is None:
            return "" if 200 <= head.status < 400 else f"status {head.status}"
        for condition in self.match.conditions:
            if not _holds(condition, head, body):
                return f'{condition.subject} of match "{self.match.name}"'
        return ""


def request(uri: str, host: bytes) -> bytes:
    """Return the octets of a check's request."""
    lines = (
        b"GET %b HTTP/1.0" % uri.encode("utf-8", "surrogateescape"),
        b"Host: %b" % host,
        b"Connection: close",
        b"User-Agent: forkproxy health check",
    )
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _holds(condition: Condition, head: ResponseHead, body: bytes) -> bool:
    if condition.subject == "require":
        return all(_value(text, head) not in (None, b"", b"0") for text in condition.texts)
    if condition.subject == "status":
        found = any(low <= head.status <= high for low, high in condition.ranges)
    elif condition.subject == "body":
        assert condition.pattern is not None
        found = condition.pattern.search(body) is not None
    else:
        found = _header_holds(condition, head)
    return found != condition.negated


def _header_holds(condition: Condition, head: ResponseHead) -> bool:
    values = head.fields.all(condition.name.lower().encode())
    if condition.value is not None:
        return condition.value.encode("utf-8", "surrogateescape") in values
    if condition.pattern is not None:
        return any(condition.pattern.search(value) for value in values)
    return bool(values)


def _value(name: str, head: ResponseHead) -> bytes | None:
    """Return $upstream_status or $upstream_http_NAME of an answer."""
    if name == "upstream_status":
        return b"%d" % head.status
    return head.fields.variable(name.removeprefix("upstream_http_").encode())
