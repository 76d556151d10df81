from collections.abc import Iterable, Mapping
from pathlib import Path

from forkproxy.errors import StoreError

def keep_out() -> None:
    """Let this process open no environment; its children may. The master's first act."""

class FullError(StoreError):
    """There is no room for what should be stored; what is there is good."""

class BrokenError(StoreError):
    """What is in the store makes no sense: it cannot be used any more."""

class Environment:
    """One open environment, for this process alone."""

    path: Path
    def __init__(self, folder: Path, size: int, *, durable: bool, tables: int = 0) -> None: ...
    def get(self, key: bytes) -> bytes | None: ...
    def items(self, prefix: bytes) -> list[tuple[bytes, bytes]]: ...
    def change(self, put: Mapping[bytes, bytes], delete: Iterable[bytes] = ()) -> None: ...
    def forget_dead_readers(self) -> int: ...
    def close(self) -> None: ...
