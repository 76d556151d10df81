"""What an administrator has changed of a peer, and how it is written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from forkproxy.config.address import parse_address
from forkproxy.config.directives.upstream import DEFAULT_PORT, UpstreamServer

KEPT = "peer/"
Key = tuple[str, str]  # the name of an upstream, and what tells a peer in it from the others


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as the configuration says, of one peer.

    Attributes:
        was: the line of the configuration, "" for a peer that is in none.
        server: what holds instead; None: the line itself.
        removed: there is no such peer any more.
        order, weight: what was ordered of it; 0 for nothing.
        unchecked: no health checks are made of it.
        id: of a peer that was added.
    """

    was: str
    server: UpstreamServer | None = None
    removed: bool = False
    order: int = 0
    weight: int = 0
    id: int = -1
    unchecked: bool = False

    @property
    def empty(self) -> bool:
        """Whether everything is as the configuration says, after all."""
        nothing = self.server is None and not self.removed
        return nothing and not self.order and not self.weight and not self.unchecked


def pack_server(server: UpstreamServer) -> dict[str, Any]:
    """Return a line as JSON can hold it."""
    packed = asdict(server)
    del packed["address"]
    return packed


def unpack_server(packed: Mapping[str, Any]) -> UpstreamServer:
    """Return the line that was packed. Raises AddressError."""
    return UpstreamServer(
        address=parse_address(packed["name"], default_port=DEFAULT_PORT), **packed
    )


def line_of(server: UpstreamServer) -> str:
    """Write a line as the configuration has it."""
    plain = UpstreamServer(server.name, server.address)
    words = ["server", server.name]
    for name in UpstreamServer.__slots__[2:]:
        value = getattr(server, name)
        if value == getattr(plain, name):
            continue
        if value is True:
            words.append(name)
        elif isinstance(value, float):
            words.append(f"{name}={value:g}s")
        else:
            words.append(f"{name}={value}")
    return " ".join(words) + ";\n"


def pack(key: Key, change: Change) -> str:
    """Return a change as the keeper keeps it."""
    packed = {name: getattr(change, name) for name in Change.__slots__}
    if change.server is not None:
        packed["server"] = pack_server(change.server)
    return json.dumps([*key, packed])


def unpack(text: str) -> tuple[Key, Change]:
    """Return the change that was packed."""
    upstream, peer, packed = json.loads(text)
    if packed["server"] is not None:
        packed["server"] = unpack_server(packed["server"])
    return (upstream, peer), Change(**packed)


def place(key: Key) -> str:
    """Return the name of a change in the store, whose names are short."""
    digest = hashlib.blake2b("\0".join(key).encode(), digest_size=16)
    return KEPT + digest.hexdigest()
