from collections.abc import Iterable

class NameSet:
    """A fixed set of field names, in lower case."""

    names: frozenset[bytes]

    def __init__(self, names: Iterable[bytes] = ()) -> None: ...
    def __contains__(self, name: bytes) -> bool: ...
