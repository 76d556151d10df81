"""proxy_cache and its family: what becomes of them when a location is built."""

from __future__ import annotations

from typing import cast

from forkproxy.cache.decide import Rules
from forkproxy.cache.serve import Caching
from forkproxy.cache.suspicion import Suspicion
from forkproxy.cache.terms import CONDITIONS
from forkproxy.cache.visit import variables
from forkproxy.cache.zone import zone_of
from forkproxy.config.directives.cache import CachePath, Purge, Which
from forkproxy.config.directives.gateways import SUFFIXES, view
from forkproxy.config.scope import Scope
from forkproxy.config.template import Template
from forkproxy.config.template import variables as variables_of
from forkproxy.core.expressions import Expression
from forkproxy.core.making import Making
from forkproxy.core.plan import Location, Origin
from forkproxy.wire.names import NameSet

IGNORED = {
    "X-Accel-Expires": 1,
    "Expires": 2,
    "Cache-Control": 4,
    "Set-Cookie": 8,
    "Vary": 16,
}


def define(http: Scope, making: Making) -> None:
    """Make the zones, and the variables that tell about them."""
    making.slots.update(variables())
    for family in ("proxy", *SUFFIXES):
        for line in http.own(f"{family}_cache_path"):
            settings: CachePath = line.value
            making.folder(settings.path)
            making.caches[settings.name] = zone_of(settings)
            making.tally("cache", settings.name)


def install(scope: Scope, location: Location, making: Making) -> None:
    """Put a cache before the location's origin, where it has one and a zone is named."""
    if not isinstance(location.content, Origin):
        return
    family = getattr(location.content, "family", "")
    if family in SUFFIXES:
        scope = cast(Scope, view(scope, family))
    which: Which = scope.value("proxy_cache")
    if which.name is None:
        return
    made = Caching()
    made.origin = location.content
    _zone(made, which.name, making)
    made.key = making.expression(scope.value("proxy_cache_key"))
    made.fronts = _fronts(scope, location.content)
    made.rules = _rules(scope)
    made.suspicion = _suspicion(scope) if scope.value("proxy_cache_guard") else None
    methods = scope.value("proxy_cache_methods") | {"GET", "HEAD"}
    made.methods = frozenset(method.encode() for method in methods)
    made.content_first = _tells_content(scope) or bool(methods - {"GET", "HEAD"})
    made.bypass = _conditions(scope, "proxy_cache_bypass", making)
    made.no_cache = _conditions(scope, "proxy_no_cache", making)
    purge: Purge = scope.value("proxy_cache_purge")
    made.purge = [making.expression(one) for one in purge.conditions] or None
    made.min_uses = scope.value("proxy_cache_min_uses")
    made.lock = scope.value("proxy_cache_lock")
    made.lock_timeout = scope.value("proxy_cache_lock_timeout")
    made.lock_age = scope.value("proxy_cache_lock_age")
    stale = scope.value("proxy_cache_use_stale")
    made.use_stale = sum(CONDITIONS[name] for name in stale if name != "off")
    made.background_update = scope.value("proxy_cache_background_update")
    made.convert_head = scope.value("proxy_cache_convert_head")
    offset = scope.value("proxy_cache_max_range_offset")
    made.range_offset = -1 if offset is None else offset
    name = scope.value("proxy_cache_status_header")
    made.status_header = None if name == "off" else name.encode()
    made.tag_fields = tuple(name.lower().encode() for name in scope.value("proxy_cache_tags"))
    made.most_ranges = -1 if (most := scope.value("max_ranges")) is None else most
    location.content = made


def _zone(made: Caching, name: Template, making: Making) -> None:
    made.zones = making.caches
    if variables_of(name):
        made.zone_name = making.expression(name)
        return
    text = "".join(part for part in name if isinstance(part, str))
    made.zone = making.caches[text]


def _fronts(scope: Scope, origin: Origin) -> tuple[bytes, bytes] | None:
    """Return what the default key begins with, where that is the same for all requests."""
    host: bytes | None = getattr(origin, "host", None)
    if scope.given("proxy_cache_key") is not None or host is None:
        return None
    return b"http" + host, b"https" + host


def _rules(scope: Scope) -> Rules:
    made = Rules()
    made.rfc = scope.value("proxy_cache_rfc")
    ignored = scope.value("proxy_ignore_headers")
    made.ignored = sum(bit for name, bit in IGNORED.items() if name in ignored)
    made.valid = {}
    for line in scope.lines("proxy_cache_valid"):
        for status in line.value.statuses:
            made.valid.setdefault(status, line.value.seconds)
    made.heuristics = scope.value("proxy_cache_heuristics")
    made.targeted = tuple(name.lower().encode() for name in scope.value("proxy_cache_targeted"))
    made.revalidate = scope.value("proxy_cache_revalidate")
    key = {part.name for part in variables_of(scope.value("proxy_cache_key"))}
    made.slices = not key.isdisjoint(("slice_range", "http_range"))
    made.parts = made.rfc and not made.slices
    return made


def _suspicion(scope: Scope) -> Suspicion:
    made = Suspicion()
    replaced = {line.value.name.lower().encode() for line in scope.lines("proxy_set_header")}
    made.replaced = NameSet(replaced)
    made.keyed = frozenset(
        part.name.removeprefix("http_").replace("_", "-").encode()
        for part in variables_of(scope.value("proxy_cache_key"))
        if part.name.startswith("http_")
    )
    made.body_keyed = _tells_content(scope)
    return made


def _tells_content(scope: Scope) -> bool:
    """Whether the key has the content of requests in it."""
    return any(part.name == "request_body" for part in variables_of(scope.value("proxy_cache_key")))


def _conditions(scope: Scope, name: str, making: Making) -> list[Expression] | None:
    found = [making.expression(one) for line in scope.lines(name) for one in line.value]
    return found or None
