from collections.abc import Iterable

from forkproxy.config.directives.health import Ejection
from forkproxy.core.exchange import Exchange
from forkproxy.net.resolver import Resolver
from forkproxy.shared.cells import Cells
from forkproxy.upstream.balance.policy import Policy
from forkproxy.upstream.balance.sticky import Sticky
from forkproxy.upstream.check import Check
from forkproxy.upstream.group import Group
from forkproxy.upstream.member import Member
from forkproxy.upstream.peer import Peer
from forkproxy.upstream.pool import Pool
from forkproxy.upstream.queue import Queue

LOOKUP_PAUSE: float

class Upstream:
    name: str
    main: Group
    backups: Group
    pool: Pool
    policy: Policy
    sticky: Sticky | None
    queue: Queue | None
    members: dict[int, Member]
    peers: tuple[Peer, ...]
    unresolved: list[Member]
    checks: list[Check]
    ejection: Ejection | None
    resolver: Resolver | None
    resolver_timeout: float

    def __init__(
        self,
        name: str,
        members: Iterable[Member] = (),
        policy: Policy | None = None,
        pool: Pool | None = None,
        sticky: Sticky | None = None,
        queue: Queue | None = None,
    ) -> None: ...
    def fill(self, members: Iterable[Member]) -> None: ...
    def put(self, member: Member, first: int = -1) -> None: ...
    def drop(self, id: int) -> None: ...
    def check_by(self, check: Check) -> None: ...
    def attach(self, cells: Cells) -> None: ...
    def choose(
        self, exchange: Exchange | None = None, tried: list[Peer] | None = None
    ) -> Peer | None: ...
    def resolve_again(self) -> None: ...
    def close(self) -> None: ...
