from collections.abc import Iterable

class TlsError(Exception):
    """Something that OpenSSL does not take; the text is nginx's."""

class Certificate:
    """A certificate, those that lead from it to its root, and its key."""

    name: str
    expires: float
    locked: bool
    state: object

    def __init__(
        self,
        name: str,
        certificate: bytes,
        key_name: str,
        key: bytes,
        passwords: Iterable[bytes] = ...,
    ) -> None: ...
    def fingerprint(self) -> bytes: ...
