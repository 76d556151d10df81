from forkproxy.wire.h2_stream import H2Stream
from forkproxy.wire.head import HeadLimits

class Session:
    streams: dict[int, H2Stream]
    news: list[H2Stream]
    limits: HeadLimits
    most_streams: int
    running: int
    last_id: int
    heading: int
    agreed: bool
    failed: bool
    going: bool
    trouble: str | None

    def __init__(self, limits: HeadLimits, streams: int = 128, window: int = 65536) -> None: ...
    def receive(self, octets: bytes) -> list[H2Stream]: ...
    def to_send(self, most: int = ...) -> bytes: ...
    def respond(
        self,
        stream: H2Stream,
        fields: list[tuple[bytes, bytes]],
        content: bytes | None = None,
        last: bool = True,
    ) -> bytes: ...
    def hold(self, stream: H2Stream, fields: list[tuple[bytes, bytes]], content: bytes) -> None: ...
    def doze(self) -> None: ...
    def go_on(self, stream: H2Stream, content: bytes, last: bool = True) -> bytes: ...
    def read(self, stream: H2Stream) -> bytes: ...
    def close(self, stream: H2Stream, code: int = 0) -> None: ...
