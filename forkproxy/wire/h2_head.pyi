from forkproxy.wire.head import RequestHead
from forkproxy.wire.head_limits import HeadLimits

def parse_block(
    fields: list[tuple[bytes, bytes]], limits: HeadLimits | None = None
) -> RequestHead: ...
