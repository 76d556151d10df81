"""The levels of the http block: a server of each `server`, a location of each `location`."""

from __future__ import annotations

import functools
from typing import Any

from forkproxy.assembly.names import server_names
from forkproxy.assembly.outside import Outside
from forkproxy.assembly.settings import SharedSettings
from forkproxy.config.directives.server import LocationPath, PathKind
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Location, Server
from forkproxy.core.router import Locations
from forkproxy.features import FEATURES, realip, rewrite, status_zone
from forkproxy.wire.head_limits import Framing, HeadLimits

_OF_HEADS = (
    "large_client_header_buffers",
    "client_header_buffer_size",
    "max_headers",
    "underscores_in_headers",
    "ignore_invalid_headers",
    "request_framing",
)


class Levels:
    """Makes them, from the outside in."""

    def __init__(self, making: Making, outside: Outside) -> None:
        self._making = making
        self._settings = SharedSettings(outside)
        self._heads: dict[tuple[Any, ...], HeadLimits] = {}

    def server(self, block: Scope) -> Server:
        """Make a server of its block."""
        names = list(server_names(block))
        made = Server(names[0].text.removeprefix(".").encode() if names else b"")
        made.at = str(block.at)
        made.limits = self._limits(block)
        made.client_header_timeout = block.value("client_header_timeout")
        made.merge_slashes = block.value("merge_slashes")
        made.http2 = block.value("http2")
        made.http2_streams = block.value("http2_max_concurrent_streams")
        made.http2_preread = block.value("http2_body_preread_size")
        made.default = self._location(block, Location("server", b""))
        steps = (realip.step(block, self._making), rewrite.script(block, self._making))
        made.rewrite = tuple(step for step in steps if step is not None)
        status_zone.enter(block, made, self._making)
        made.locations, made.named = self._locations(block)
        return made

    def _limits(self, block: Scope) -> HeadLimits:
        """Make the limits of request heads; one object for the servers that say the same."""
        said = tuple([block.value(name) for name in _OF_HEADS])
        found = self._heads.get(said)
        if found is None:
            buffers, first, fields, underscores, ignore_invalid, framing = said
            found = self._heads[said] = HeadLimits(
                line=buffers.size,
                total=first + buffers.count * buffers.size,
                listed=buffers.count * buffers.size,
                fields=fields,
                underscores=underscores,
                ignore_invalid=ignore_invalid,
                framing=Framing[framing.upper()],
            )
        return found

    def _locations(self, level: Scope) -> tuple[Locations | None, dict[bytes, Location]]:
        """Make the location blocks of one level."""
        blocks = level.blocks("location")
        if not blocks:
            return None, {}
        by_kind: dict[PathKind, list[Location]] = {kind: [] for kind in PathKind}
        for block in blocks:
            subject: LocationPath = block.subject
            path = subject.path.encode("utf-8", "surrogateescape")
            made = Location(" ".join(block.words), path)
            made.at = str(block.at)
            made.stops_regex = subject.kind is PathKind.PREFIX_FINAL
            made.pattern = subject.pattern
            if subject.pattern is not None:
                made.captures = self._making.captures(subject.pattern)
            self._location(block, made)
            script = rewrite.script(block, self._making, functools.partial(self._if, made))
            made.rewrite = (script,) if script is not None else ()
            for inner in block.blocks("limit_except"):
                made.methods = frozenset(method.encode() for method in inner.subject)
                made.excepted = self._if(made, inner)
            made.inner, _ = self._locations(block)
            by_kind[subject.kind].append(made)
        named = {location.path: location for location in by_kind[PathKind.NAMED]}
        prefixes = by_kind[PathKind.PREFIX] + by_kind[PathKind.PREFIX_FINAL]
        if not (prefixes or by_kind[PathKind.EXACT] or by_kind[PathKind.REGEX]):
            return None, named
        return Locations(by_kind[PathKind.EXACT], prefixes, by_kind[PathKind.REGEX]), named

    def _if(self, outer: Location, block: Scope) -> Location:
        """Make the location that an `if` or limit_except block is, while its condition holds."""
        made = Location(f"{outer.name} {block.kind}", outer.path)
        made.at = str(block.at)
        made.pattern = outer.pattern
        made.captures = outer.captures
        made.internal = outer.internal
        return self._location(block, made)

    def _location(self, scope: Scope, made: Location) -> Location:
        """Fill a location with what holds in a scope."""
        self._making.locations[scope] = made
        made.settings = self._settings.of(scope)
        if scope.kind == "location":
            made.internal = scope.value("internal")
        for install in FEATURES:
            install(scope, made, self._making)
        return made
