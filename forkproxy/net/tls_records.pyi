from forkproxy.net.stream import Stream
from forkproxy.net.tls_context import TlsContext

class TlsFailed(OSError):  # noqa: N818 (it says what happened to the connection)
    """A handshake, or a record, that was none; `reason` is OpenSSL's number for why, or 0."""

    reason: int

class TlsRecords(Stream):
    """A connected socket whose octets are in records once it speaks TLS."""

    context: TlsContext | None
