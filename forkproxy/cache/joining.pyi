from collections.abc import Iterable

def copy(source: str, into: str, gaps: Iterable[tuple[int, int]]) -> None:
    """Copy these octets of a file into another one, at the same place. Raises OSError."""
