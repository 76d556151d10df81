from collections.abc import Iterable

from forkproxy.core.expressions import Expression, Variable
from forkproxy.shared.sessions import Sessions

FOREVER: int
SAMESITES: tuple[bytes, ...]

class Sticky:
    def __init__(self, sources: Iterable[Variable]) -> None: ...

class StickyCookie(Sticky):
    def __init__(
        self,
        sources: Iterable[Variable],
        name: bytes,
        expires: int = -1,
        domain: Expression | None = None,
        path: bytes = b"",
        httponly: bool = False,
        secure: bool = False,
        samesite: Expression | None = None,
    ) -> None: ...

class StickyLearn(Sticky):
    def __init__(
        self,
        sources: Iterable[Variable],
        created: Iterable[Variable],
        sessions: Sessions,
        timeout: float = 600.0,
        at_head: bool = False,
    ) -> None: ...
