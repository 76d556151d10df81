from forkproxy.wire.fields import Fields

class ChunkedDecoder:
    """The chunked coding, taken off. `received` counts octets of content."""

    done: bool
    trailers: Fields | None
    received: int

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return (content, what follows the end). Raises ProtocolError."""
