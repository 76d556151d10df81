from typing import Any

from forkproxy.net.stream import Stream
from forkproxy.net.tls_context import TlsContext

class TlsFailed(OSError):  # noqa: N818 (it says what happened to the connection)
    """A handshake, or a record, that was none."""

class Contexts:
    """Which context a client's handshake goes on with."""

class Always(Contexts):
    """The same context whatever name is asked for."""

    def __init__(self, context: TlsContext, protocols: tuple[bytes, ...] = ...) -> None: ...

class TlsStream(Stream):
    """One connected socket that may speak TLS: plain until `accept` or `connect`."""

    context: TlsContext | None
    server_name: bytes | None
    server: Any
    asker: Any

    def accept(self, contexts: Contexts) -> None: ...
    def connect(
        self, context: TlsContext, name: bytes | None = ..., peer: object = ...
    ) -> None: ...
    def agreed(self) -> bytes | None: ...
