from collections.abc import Callable, Iterable

from forkproxy.net.dial import Address
from forkproxy.shared.cells import Cells

LOOKUP_PAUSE: float

class Peer:
    address: Address
    name: bytes
    weight: int
    max_fails: int
    fail_timeout: float
    max_conns: int
    down: bool
    fails: int
    in_flight: int

    def __init__(
        self,
        address: Address,
        name: bytes,
        weight: int = 1,
        max_fails: int = 1,
        fail_timeout: float = 10.0,
        max_conns: int = 0,
        down: bool = False,
    ) -> None: ...
    def attach(self, cells: Cells, name: str) -> None: ...

class Upstream:
    name: str
    peers: tuple[Peer, ...]
    backups: tuple[Peer, ...]
    unresolved: list[tuple[str, int, Callable[[Address], Peer]]]
    keepalive: int
    keepalive_requests: int
    keepalive_timeout: float
    keepalive_time: float

    def __init__(
        self,
        name: str,
        peers: Iterable[Peer],
        backups: Iterable[Peer] = (),
        keepalive: int = 32,
        keepalive_requests: int = 1000,
        keepalive_timeout: float = 60.0,
        keepalive_time: float = 3600.0,
    ) -> None: ...
    def resolve_again(self) -> None: ...
    def close(self) -> None: ...
