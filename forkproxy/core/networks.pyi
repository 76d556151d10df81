from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import Any

class Spans:
    starts: list[int]
    values: list[Any]

    def __init__(self, spans: Iterable[tuple[int, int, Any]], otherwise: Any = None) -> None: ...
    def __getitem__(self, number: int) -> Any: ...

class Networks:
    sockets: bool

    def __init__(
        self, networks: Iterable[IPv4Network | IPv6Network], sockets: bool = False
    ) -> None: ...
    def __contains__(self, address: bytes) -> bool: ...

def forwarded(
    address: bytes, lines: list[bytes], trusted: Networks, recursive: bool
) -> tuple[bytes, int] | None: ...
def split_port(text: bytes) -> tuple[bytes, int] | None: ...
