from typing import Any

from forkproxy.core.expressions import Expression
from forkproxy.net.tls_context import TlsContext

class Secure:
    """TLS towards the upstreams of a location."""

    context: TlsContext
    name: Expression
    verify: bool
    certificates: Any
