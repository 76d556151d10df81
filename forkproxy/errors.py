"""Every error that forkproxy raises on purpose, in one tree.

What the catcher needs is on the class: the status of the answer, whether a
request may be sent again. Anything raised that is not a ForkproxyError is a bug.
"""

from __future__ import annotations


class ForkproxyError(Exception):
    """The root of the tree."""


class ConfigError(ForkproxyError):
    """The configuration cannot be used. Never reaches a worker.

    Attributes:
        path: the file, or None for text given on the command line.
        line: from 1; 0 where the error belongs to the file as a whole.
        column: from 1; 0 where it is not known.
        hint: what to write instead, or "".
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | None = None,
        line: int = 0,
        column: int = 0,
        hint: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.line = line
        self.column = column
        self.hint = hint

    @property
    def place(self) -> str:
        """Where it is, as nginx writes it behind the reason; "" where no line is known."""
        return f" in {self.path}:{self.line}" if self.path is not None and self.line else ""


class ProtocolError(ForkproxyError):
    """The peer that sent us these octets broke the rules of HTTP.

    Towards a client: answered with `status`, and the connection closes after the
    answer. From an upstream: turned into a PeerError with 502.
    """

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class PeerError(ForkproxyError):
    """A peer could not be reached, or answered badly.

    Attributes:
        sent: whether any octet of the request may have reached the peer.
            A request that was not sent is safe to retry, whatever its method.
        status: 502, or 504 when time ran out.
        invalid: it answered, but with what is no answer (proxy_next_upstream's invalid_header).
    """

    def __init__(
        self, reason: str, *, sent: bool, status: int = 502, invalid: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.status = status
        self.invalid = invalid


class StoreError(ForkproxyError):
    """The store is full or broken; what needed it goes on without."""


class Gone(ForkproxyError):  # noqa: N818 (it names a fact about the client, not a fault)
    """The client left: there is nobody to answer. Logged as 499."""
