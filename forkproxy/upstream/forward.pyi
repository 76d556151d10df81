from collections.abc import Callable

from forkproxy.core.exchange import Exchange
from forkproxy.core.expressions import Expression
from forkproxy.core.plan import Origin
from forkproxy.upstream.budget import Budget
from forkproxy.upstream.hints import Hints
from forkproxy.upstream.introduction import Introduction
from forkproxy.upstream.secure import Secure
from forkproxy.upstream.upstream import Upstream
from forkproxy.wire.fields import Fields
from forkproxy.wire.names import NameSet

class Forward(Origin):
    family: str
    upstream: Upstream | None
    url: Expression | None
    upstream_for: Callable[[str, int, Exchange], Upstream] | None
    scheme: bytes
    secure: Secure | None
    host: bytes | None
    port: bytes | None
    uri: bytes | None
    replaced: int
    lines: tuple[tuple[bytes, Expression], ...]
    unsent: NameSet
    cache_lines: tuple[tuple[bytes, Expression], ...]
    cache_unsent: NameSet
    pass_fields: bool
    pass_body: bool
    method: Expression | None
    body: Expression | None
    minor: int
    connect_timeout: float
    send_timeout: float
    read_timeout: float
    keep_probes: bool
    request_buffering: bool
    sized: bool
    buffering: bool
    buffer_size: int
    read_ahead: int
    temp_file_size: int
    temp_path: str
    ignore_client_abort: bool
    intercept_errors: bool
    pass_trailers: bool
    limit_rate: Expression | None
    introduction: Introduction | None
    bind: Expression | None
    cookies: Callable[[Exchange, Fields], None] | None
    force_ranges: bool
    next_upstream: int
    tries: int
    next_timeout: float
    budget: Budget | None
    hidden: NameSet
    hints: Hints | None
    pass_date: bool
    pass_server: bool
    redirects: Callable[[Exchange, Fields], None] | None
    obeys_buffering: bool
    obeys_limit_rate: bool
    obeys_redirect: bool
    streams_events: bool
    encodes: bool
