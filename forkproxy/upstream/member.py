"""Members: what an upstream is made of, as the configuration, the API and names have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from forkproxy.config.address import parse_address
from forkproxy.config.directives.upstream import DEFAULT_PORT, UpstreamServer


@dataclass(frozen=True, slots=True)
class Member:
    """One peer of an upstream; or a line whose peers are found by its name while we run.

    Attributes:
        id: counted up within the upstream, and never given twice while it lives.
        server: what the configuration or the API says of it.
        address: "10.0.0.1:80", "[::1]:80" or "unix:/run/app.sock"; "" for a name.
        parent: the id of the name that this peer was found by, -1 for none.
        key: what tells it from the other peers: its address, with its id where two have the same.
    """

    id: int
    server: UpstreamServer
    address: str = ""
    parent: int = -1
    key: str = ""

    @property
    def is_name(self) -> bool:
        """Whether it has no address of its own, but peers that are found by its name."""
        return not self.address

    @property
    def backup(self) -> bool:
        return self.server.backup

    def at(self, number: int, address: str, **found: Any) -> Member:
        """Return the peer that this name was found to have, with what a name server says of it."""
        return Member(number, replace(self.server, **found), address, self.id, address)

    def told_apart(self, others: Iterable[Member]) -> Member:
        """Return it with a key that none of the others has."""
        taken = any(other.key == self.address and other.id != self.id for other in others)
        return replace(self, key=f"{self.address}#{self.id}" if taken else self.address)

    def pack(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        server = asdict(self.server)
        del server["address"]
        return {
            "id": self.id,
            "server": server,
            "address": self.address,
            "parent": self.parent,
            "key": self.key,
        }


def unpack(packed: dict[str, Any]) -> Member:
    """Return the Member that was packed."""
    server = dict(packed["server"])
    address = parse_address(server["name"], default_port=DEFAULT_PORT)
    made = UpstreamServer(address=address, **server)
    return Member(packed["id"], made, packed["address"], packed["parent"], packed["key"])


def cells_name(upstream: str, member: Member) -> str:
    """Return what a peer's numbers on the scoreboard are called: "upstream/address"."""
    return f"{upstream}/{member.key}"
