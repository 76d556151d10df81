from forkproxy.net.tls_certificate import Certificate
from forkproxy.net.tls_context import TlsContext

class Staple:
    """What an authority says of one certificate (OCSP), to be shown with it."""

    certificate: Certificate
    url: bytes | None

    def __init__(
        self,
        context: TlsContext,
        certificate: Certificate,
        url: bytes | None = ...,
        verify: bool = ...,
        response: bytes | None = ...,
    ) -> None: ...
    def request(self) -> bytes: ...
    def take(self, octets: bytes) -> None: ...
    def give_up(self) -> None: ...
