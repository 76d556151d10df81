"""The virtual servers of an address, by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from forkproxy.config.directives.server import NameKind, ServerName
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Server
from forkproxy.core.router import Names

Here = tuple[Scope, Server, bool]
"""A server on one address, and whether it says that it is the default there."""


def names(here: Sequence[Here], making: Making, default: Server | None = None) -> Names:
    """Make the table of the virtual servers that listen on one address."""
    if default is None:
        default = next((server for _, server, is_default in here if is_default), here[0][1])
    exact: dict[bytes, Server] = {}
    leading: dict[bytes, Server] = {}
    trailing: dict[bytes, Server] = {}
    patterns: list[tuple[Any, Server, Any]] = []
    for block, server, _ in here:
        for name in server_names(block):
            bare = name.name.encode()
            if name.kind is NameKind.REGEX and name.pattern is not None:
                captures = making.captures(name.pattern)
                patterns.append((name.pattern, server, captures))
            elif name.kind is NameKind.EXACT:
                exact.setdefault(bare, server)
            elif name.kind is NameKind.PREFIX:
                trailing.setdefault(bare + b".", server)
            else:
                leading.setdefault(b"." + bare, server)
                if name.also_bare:
                    exact.setdefault(bare, server)
    return Names(default, exact, leading, trailing, patterns)


def server_names(level: Scope) -> Iterable[ServerName]:
    """Yield what the server_name lines of a block say."""
    for line in level.own("server_name"):
        yield from line.value
