class Records:
    """The records that an application answers one request with (FastCGI 1.0 §3.3)."""

    over: bool

    def feed(self, octets: bytes) -> list[tuple[str, bytes]]: ...

def request(params: list[tuple[bytes, bytes]], content: bytes = ..., keep: bool = ...) -> bytes: ...
