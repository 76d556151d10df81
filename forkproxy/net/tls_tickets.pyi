from collections.abc import Iterable

SIZES: tuple[int, int]

class TicketKeys:
    """The keys that session tickets are sealed with, the newest first."""

    period: float

    def __init__(self, period: float = ..., given: Iterable[bytes] = ...) -> None: ...
    def names(self) -> list[bytes]: ...

def shared_keys(name: str, period: float) -> TicketKeys: ...
