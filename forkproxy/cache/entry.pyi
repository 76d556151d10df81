class Entry:
    status: int
    flags: int
    length: int
    identity: int
    key: bytes
    tags: tuple[bytes, ...]
    vary: bytes
    etag: bytes
    modified: int
    stored_at: float
    born_at: float
    fresh_until: float
    file_name: str
    extents: tuple[tuple[int, int], ...] | None
    def size_in_all(self) -> int: ...
    def stale_now(self, now: float) -> bytes: ...
    def pinned(self, wanted: bool) -> bytes: ...
    def field_lines(self) -> list[tuple[bytes, bytes]]: ...
    def content(self) -> bytes: ...

def read(octets: bytes | memoryview) -> Entry | None: ...
