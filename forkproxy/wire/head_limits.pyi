from enum import IntEnum

class Framing(IntEnum):
    MONITOR = 0
    DEFENSIVE = 1
    STRICTEST = 2

class HeadLimits:
    """How large a request head may be. `line`, `total` are octets, `fields` are lines."""

    line: int
    total: int
    listed: int
    fields: int
    underscores: bool
    ignore_invalid: bool
    framing: Framing

    def __init__(
        self,
        *,
        line: int = 8192,
        total: int = 33792,
        listed: int = 32768,
        fields: int = 1000,
        underscores: bool = False,
        ignore_invalid: bool = True,
        framing: Framing = ...,
    ) -> None: ...

def request_length(data: bytes, scanned: int = 0, limits: HeadLimits = ...) -> tuple[int, int]:
    """Return (octets of the head, 0 while it is incomplete; how far it was looked at)."""

def response_length(data: bytes, scanned: int = 0, most: int = 65536) -> tuple[int, int]:
    """Return the same of a response's head, of `most` octets at the most."""
