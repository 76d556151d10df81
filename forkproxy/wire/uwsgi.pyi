def request(
    params: list[tuple[bytes, bytes]],
    content: bytes = ...,
    modifier1: int = ...,
    modifier2: int = ...,
) -> bytes: ...
