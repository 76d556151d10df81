from collections.abc import Iterator

from forkproxy.wire.names import NameSet

class Fields:
    """The field lines of one message, in order; `name` is always in lower case."""

    raw: bytes

    def get(self, name: bytes) -> bytes | None: ...
    def all(self, name: bytes) -> list[bytes]: ...
    def joined(self, name: bytes, by: bytes = b", ") -> bytes | None: ...
    def variable(self, name: bytes) -> bytes | None: ...
    def has(self, name: bytes) -> bool: ...
    def remove(self, name: bytes) -> int:
        """Remove every line of that name; return how many went."""

    def add(self, name: bytes, value: bytes) -> int:
        """Append a line. ValueError where it holds CR, LF or NUL."""

    def set(self, name: bytes, value: bytes) -> int:
        """Remove, then add. ValueError as of add."""

    def items(self) -> list[tuple[bytes, bytes]]:
        """Return (name as it came, value) of each line."""

    def copy(self) -> Fields: ...
    def written(self, without: NameSet | None = None) -> bytes:
        """Return the lines as they are sent, but those named in `without`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[bytes, bytes]]: ...
