from typing import Any

from forkproxy.core.plan import Handler, Origin

class Caching(Handler):
    origin: Origin
    zone: Any
    zone_name: Any
    zones: dict[str, Any]
    key: Any
    fronts: tuple[bytes, bytes] | None
    rules: Any
    suspicion: Any
    methods: frozenset[bytes]
    content_first: bool
    bypass: list[Any] | None
    no_cache: list[Any] | None
    purge: list[Any] | None
    min_uses: int
    lock: bool
    lock_timeout: float
    lock_age: float
    use_stale: int
    background_update: bool
    convert_head: bool
    range_offset: int
    status_header: bytes | None
    tag_fields: tuple[bytes, ...]
    force_ranges: bool
    most_ranges: int
