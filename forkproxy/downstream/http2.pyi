from typing import Any

class Http2:
    def __init__(
        self, stream: Any, address: bytes, port: int, listener: Any, acceptor: Any, number: int
    ) -> None: ...
