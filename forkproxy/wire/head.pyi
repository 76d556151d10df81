from enum import IntEnum

from forkproxy.wire.fields import Fields

class Framing(IntEnum):
    MONITOR = 0
    DEFENSIVE = 1
    STRICTEST = 2

class HeadLimits:
    """How large a request head may be. `line`, `total` are octets, `fields` are lines."""

    line: int
    total: int
    listed: int
    fields: int
    underscores: bool
    ignore_invalid: bool
    framing: Framing

    def __init__(
        self,
        *,
        line: int = 8192,
        total: int = 33792,
        listed: int = 32768,
        fields: int = 1000,
        underscores: bool = False,
        ignore_invalid: bool = True,
        framing: Framing = ...,
    ) -> None: ...

class RequestHead:
    raw: bytes
    fields: Fields
    method: bytes
    target: bytes
    path: bytes
    query: bytes | None
    scheme: bytes | None
    authority: bytes | None
    host: bytes | None
    hostname: bytes | None
    major: int
    minor: int
    octets: int
    content_length: int
    chunked: bool
    keep_alive: bool
    expect_continue: bool
    upgrade: bool
    connection_names: bool

    @property
    def request_line(self) -> bytes: ...

class ResponseHead:
    raw: bytes
    fields: Fields
    minor: int
    status: int
    reason: bytes
    content_length: int
    chunked: bool
    keep_alive: bool
    no_content: bool
    connection_names: bool

def request_length(data: bytes, scanned: int = 0, limits: HeadLimits = ...) -> tuple[int, int]:
    """Return (octets of the head, 0 while it is incomplete; how far it was looked at)."""

def response_length(data: bytes, scanned: int = 0, most: int = 65536) -> tuple[int, int]:
    """Return the same of a response's head, of `most` octets at the most."""

def parse_request_head(block: bytes, limits: HeadLimits = ...) -> RequestHead: ...
def parse_response_head(block: bytes, method: bytes = b"GET") -> ResponseHead: ...
def parse_fields(block: bytes, limits: HeadLimits = ...) -> Fields:
    """Parse field lines that end with an empty line: a trailer section."""
