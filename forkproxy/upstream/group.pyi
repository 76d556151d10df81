from collections.abc import Iterable

from forkproxy.shared.cells import Cells
from forkproxy.upstream.peer import Peer

class Group:
    peers: tuple[Peer, ...]
    count: int
    total_weight: int

    def __init__(self, peers: Iterable[Peer] = ()) -> None: ...
    def attach(self, cells: Cells) -> None: ...
