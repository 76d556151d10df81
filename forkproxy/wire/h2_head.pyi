from forkproxy.wire.head import HeadLimits, RequestHead

def parse_block(
    fields: list[tuple[bytes, bytes]], limits: HeadLimits | None = None
) -> RequestHead: ...
