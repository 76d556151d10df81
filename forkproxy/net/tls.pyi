from typing import Any

from forkproxy.net.tls_context import TlsContext
from forkproxy.net.tls_records import TlsFailed as TlsFailed
from forkproxy.net.tls_records import TlsRecords

class Contexts:
    """Which context a client's handshake goes on with."""

class Always(Contexts):
    """The same context whatever name is asked for."""

    def __init__(self, context: TlsContext, protocols: tuple[bytes, ...] = ...) -> None: ...

class TlsStream(TlsRecords):
    """One connected socket that may speak TLS: plain until `accept` or `connect`."""

    server_name: bytes | None
    server: Any
    asker: Any

    def accept(self, contexts: Contexts) -> None: ...
    def connect(
        self, context: TlsContext, name: bytes | None = ..., peer: object = ...
    ) -> None: ...
    def agreed(self) -> bytes | None: ...
