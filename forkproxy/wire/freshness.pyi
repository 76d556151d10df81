class CacheControl:
    flags: int
    max_age: int
    s_maxage: int
    stale_while_revalidate: int
    stale_if_error: int
    min_fresh: int
    max_stale: int
    no_cache_fields: tuple[bytes, ...] | None
    private_fields: tuple[bytes, ...] | None

def cache_control(value: bytes | None) -> CacheControl: ...
def delta_seconds(text: bytes) -> int: ...
def vary_names(value: bytes | None) -> tuple[bytes, ...]: ...
def without_space(value: bytes) -> bytes: ...
