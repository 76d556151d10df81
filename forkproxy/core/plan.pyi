import re
from typing import Any

from forkproxy.core.exchange import Exchange
from forkproxy.core.expressions import Slot
from forkproxy.core.router import Locations
from forkproxy.shared.errorlog import ErrorLog
from forkproxy.wire.head_limits import HeadLimits

class Step: ...
class Guard(Step): ...

class Handler:
    def preview(self, exchange: Exchange) -> dict[str, Any] | None: ...

class Origin(Handler): ...

class Filter:
    inside: bool

class LogStep: ...
class Replacement: ...

class Settings:
    client_max_body_size: int
    client_body_buffer_size: int
    client_body_timeout: float
    client_body_min_rate: int
    client_body_temp_path: str
    client_body_in_file: int
    send_timeout: float
    keepalive_timeout: float
    keepalive_header: bytes | None
    keepalive_requests: int
    keepalive_time: float
    lingering_close: bool
    lingering_time: float
    lingering_timeout: float
    tcp_nodelay: bool
    http2_chunk: int
    reset_timedout_connection: bool
    absolute_redirect: bool
    server_name_in_redirect: bool
    port_in_redirect: bool
    server_header: bytes
    server_tokens: bool
    explains_errors: bool
    chunked: bool
    sendfile: bool
    etag: bool
    log_not_found: bool
    log_subrequest: bool
    types: dict[bytes, bytes]
    default_type: bytes
    error_log: ErrorLog

class Location:
    name: str
    path: bytes
    settings: Settings
    internal: bool
    stops_regex: bool
    adds_slash: bool
    excepted: Location | None
    methods: frozenset[bytes] | None
    pattern: re.Pattern[bytes] | None
    root: Any
    captures: tuple[tuple[str, Slot], ...]
    rewrite: tuple[Step, ...]
    preaccess: tuple[Step, ...]
    access: tuple[Step, ...]
    precontent: tuple[Step, ...]
    content: Handler | None
    filters: tuple[Filter, ...]
    log: tuple[LogStep, ...]
    error_pages: dict[int, Replacement] | None
    recursive_error_pages: bool
    inner: Locations | None
    at: str

    def __init__(self, name: str, path: bytes) -> None: ...

class Server:
    name: bytes
    limits: HeadLimits
    client_header_timeout: float
    merge_slashes: bool
    http2: bool
    http2_streams: int
    http2_preread: int
    tls: Any
    verify_client: int
    rewrite: tuple[Step, ...]
    locations: Locations | None
    named: dict[bytes, Location]
    default: Location
    at: str

    def __init__(self, name: bytes) -> None: ...
