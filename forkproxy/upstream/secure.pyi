from typing import Any

from forkproxy.core.expressions import Expression
from forkproxy.net.stream import Stream
from forkproxy.net.tls_context import TlsContext

def host_of(name: bytes) -> bytes: ...

class Secure:
    """TLS towards the upstreams of a location."""

    context: TlsContext
    name: Expression
    verify: bool
    certificates: Any

    def greet(self, stream: Stream, name: bytes, address: bytes, limit: float) -> None: ...
