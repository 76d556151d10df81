class Writer:
    def write(self, octets: bytes) -> None: ...
    def taken(self) -> bytes:
        """Return what was written, and begin anew."""
