from forkproxy.wire.fields import Fields
from forkproxy.wire.head_limits import HeadLimits

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

def parse_request_head(block: bytes, limits: HeadLimits = ...) -> RequestHead: ...
def parse_response_head(block: bytes, method: bytes = b"GET") -> ResponseHead: ...
def parse_fields(block: bytes, limits: HeadLimits = ...) -> Fields:
    """Parse field lines that end with an empty line: a trailer section."""
