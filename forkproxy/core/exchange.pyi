import re
from collections.abc import Callable, Iterable

from forkproxy.core.expressions import Slot
from forkproxy.core.plan import Location, Server
from forkproxy.net.stream import Stream
from forkproxy.wire.fields import Fields
from forkproxy.wire.head import RequestHead
from forkproxy.wire.names import NameSet

class Body:
    """A subclass in Python gives `read`."""

    length: int
    trailers: Fields | None

    def read(self) -> bytes: ...
    def close(self) -> None: ...

class Response:
    status: int
    reason: bytes | None
    text_given: bool
    shown_for: int
    fields: Fields
    body: Body | None
    from_upstream: bool
    tunnel: Stream | None
    early: bytes | None
    tunnel_limit: float
    close_unanswered: bool
    unbuffered: bool
    hidden: NameSet | None
    declared_length: int
    date: bytes | None
    server: bytes | None

    def __init__(
        self, status: int, fields: Fields | None = None, body: Body | None = None
    ) -> None: ...

class Attempt:
    address: bytes
    status: int
    started: float
    connect_time: float
    header_time: float
    response_time: float
    received: int
    content: int
    sent: int

    def __init__(self, address: bytes) -> None: ...

class Client:
    stream: Stream
    number: int
    requests: int
    since: float
    address: bytes
    port: int
    secure: bool

class Exchange:
    head: RequestHead
    client: Client
    server: Server
    location: Location | None
    started: float
    method: bytes
    uri: bytes
    args: bytes | None
    as_sent: bool
    uri_kept: bool
    uri_changed: bool
    internal: bool
    parent: Exchange | None
    background: bool
    ended: bool
    redirects: int
    keep_alive: bool
    body: Body | None
    captures: re.Match[bytes] | None
    values: list[bytes | None] | None
    response: Response | None
    status: int
    header_sent: int
    content_sent: int
    sent: int
    completed: bool
    pipelined: bool
    upstream_fields: Fields | None
    proxy_host: bytes | None
    proxy_port: bytes | None
    proxy_target: bytes | None
    limit_rate: bytes | None
    attempts: list[Attempt] | None
    replaced_error: int
    error_status: int
    error_page_used: bool
    failure: bytes | None
    identity: bytes | None
    marks: object

    def __init__(self, head: RequestHead, client: Client | None) -> None: ...
    def redirect(self, uri: bytes, args: bytes | None) -> Response: ...
    def redirect_to_named(self, name: bytes) -> Response: ...
    def keep_match(self, match: re.Match[bytes], captures: Iterable[tuple[str, Slot]]) -> None: ...
    def report(self, level: str, text: str) -> None: ...
    def report_bug(self, error: BaseException) -> None: ...
    def defer(self, release: Callable[[], object]) -> None: ...
