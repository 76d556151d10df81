import re
from collections.abc import Iterable, Mapping

from forkproxy.core.expressions import Slot
from forkproxy.core.plan import Location, Server

class Locations:
    def __init__(
        self,
        exact: Iterable[Location],
        prefixes: Iterable[Location],
        patterns: Iterable[Location],
    ) -> None: ...

class Names:
    default: Server
    servers: tuple[Server, ...]
    alone: bool

    def __init__(
        self,
        default: Server,
        exact: Mapping[bytes, Server],
        leading: Mapping[bytes, Server],
        trailing: Mapping[bytes, Server],
        patterns: Iterable[tuple[re.Pattern[bytes], Server, tuple[tuple[str, Slot], ...]]],
    ) -> None: ...
