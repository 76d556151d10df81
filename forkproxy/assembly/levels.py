"""The levels of the http block: a server of each `server`, a location of each `location`."""

from __future__ import annotations

import functools

from forkproxy.assembly.names import server_names
from forkproxy.assembly.outside import Outside
from forkproxy.assembly.settings import settings
from forkproxy.config.directives.server import LocationPath, PathKind
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Location, Server
from forkproxy.core.router import Locations
from forkproxy.features import FEATURES, realip, rewrite, status_zone
from forkproxy.wire.head_limits import Framing, HeadLimits


class Levels:
    """Makes them, from the outside in."""

    def __init__(self, making: Making, outside: Outside) -> None:
        self._making = making
        self._outside = outside

    def server(self, block: Scope) -> Server:
        """Make a server of its block."""
        names = list(server_names(block))
        made = Server(names[0].text.removeprefix(".").encode() if names else b"")
        made.at = str(block.at)
        buffers = block.value("large_client_header_buffers")
        made.limits = HeadLimits(
            line=buffers.size,
            total=block.value("client_header_buffer_size") + buffers.count * buffers.size,
            listed=buffers.count * buffers.size,
            fields=block.value("max_headers"),
            underscores=block.value("underscores_in_headers"),
            ignore_invalid=block.value("ignore_invalid_headers"),
            framing=Framing[block.value("request_framing").upper()],
        )
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

    def _locations(self, level: Scope) -> tuple[Locations | None, dict[bytes, Location]]:
        """Make the location blocks of one level."""
        by_kind: dict[PathKind, list[Location]] = {kind: [] for kind in PathKind}
        for block in level.blocks("location"):
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
        made.settings = settings(scope, self._outside)
        if scope.kind == "location":
            made.internal = scope.value("internal")
        for install in FEATURES:
            install(scope, made, self._making)
        return made
