"""proxy_cache and what belongs to it.

proxy_cache_path /var/cache/forkproxy keys_zone=static:10m max_size=10g inactive=1d;
proxy_cache static;
proxy_cache_valid 200 301 10m;
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import (
    HSL,
    HTTP,
    Arguments,
    Inherit,
    Invalid,
    Parse,
    Row,
    row,
)
from forkproxy.config.template import Template, parse_template

if TYPE_CHECKING:
    from forkproxy.config.scope import Scope

LEAST_MAP = 64 * 1024 * 1024
# Address space of a cache without max_size; the file is sparse, the disk is the limit.
OPEN_ENDED_MAP = 64 * 1024 * 1024 * 1024
LEAST_ZONE = 8 * 4096  # nginx: "zone is too small"


@dataclass(frozen=True, slots=True)
class CachePath:
    """One proxy_cache_path: a zone."""

    path: str
    name: str
    keys_size: int  # octets of shared memory
    inactive: float = 600.0  # seconds without a request until an entry goes
    max_size: int | None = None  # octets
    min_free: int = 0  # octets that stay free on the disk
    manager_files: int = 100  # most entries that go at once
    manager_sleep: float = 0.05
    manager_threshold: float = 0.2
    purger: bool = False

    @property
    def map_size(self) -> int:
        """Octets of address space of the store: with room above max_size, to evict in time."""
        if self.max_size is None:
            return OPEN_ENDED_MAP
        return -(-(self.max_size + self.max_size // 4 + LEAST_MAP) // 4096) * 4096

    @property
    def most_pinned(self) -> int:
        """Octets that may be pinned: what is not has to have room too."""
        return (OPEN_ENDED_MAP if self.max_size is None else self.max_size) * 3 // 4

    def same_place(self, other: CachePath) -> bool:
        """Tell whether this is another's zone, perhaps under other limits."""
        return (self.path, self.name, self.keys_size, self.map_size) == (
            other.path,
            other.name,
            other.keys_size,
            other.map_size,
        )


@dataclass(frozen=True, slots=True)
class Valid:
    """One proxy_cache_valid: 0 among the statuses stands for any."""

    statuses: tuple[int, ...]
    seconds: float


def proxy_cache_path(args: Arguments) -> CachePath:
    """Read a folder and options."""
    given: dict[str, Any] = {}
    for word, name, value in values.options(args, 1):
        option = _OPTIONS.get(name)
        if option is None:
            raise values.unknown_option(args, word)
        try:
            given.update(option(value))
        except ValueError:
            raise Invalid(f'invalid {name} value "{args[word - 1]}"', word) from None
    if "name" not in given:
        raise Invalid(f'"{args.name}" must have "keys_zone" parameter')
    made = CachePath(values.full_path(args, args[0]).rstrip("/") or "/", **given)
    for earlier in args.level.own(args.name):
        if earlier.value.name == made.name:
            raise Invalid(f'duplicate zone "{made.name}"')
        if earlier.value.path == made.path:
            raise Invalid(f'the path name "{made.path}" is used by two caches')
    return made


def _keys_zone(value: str) -> dict[str, Any]:
    name, mark, size = value.rpartition(":")
    octets = units.parse_size(size)
    if not mark or not name or octets < LEAST_ZONE // 2:
        raise ValueError(value)
    return {"name": name, "keys_size": octets}


def _levels(value: str) -> dict[str, Any]:
    parts = value.split(":")
    if not 1 <= len(parts) <= 3 or not all(part in ("1", "2") for part in parts):
        raise ValueError(value)
    return {}


def _on_off(name: str) -> Any:
    def read(value: str) -> dict[str, Any]:
        if value not in ("on", "off"):
            raise ValueError(value)
        return {name: value == "on"} if name else {}

    return read


def _time(name: str) -> Any:
    return lambda value: _only(name, units.parse_duration(value))


def _only(name: str, value: float) -> dict[str, Any]:
    """Return an option to keep; one that changes nothing here is only checked."""
    return {name: value} if name else {}


def _offset(name: str) -> Any:
    return lambda value: {name: units.parse_offset(value)}


def _number(name: str) -> Any:
    return lambda value: _only(name, units.parse_number(value))


_OPTIONS: dict[str, Any] = {
    "levels": _levels,  # names of files: there are none
    "use_temp_path": _on_off(""),  # nothing is written elsewhere first
    "keys_zone": _keys_zone,
    "inactive": _time("inactive"),
    "max_size": _offset("max_size"),
    "min_free": _offset("min_free"),
    "manager_files": _number("manager_files"),
    "manager_sleep": _time("manager_sleep"),
    "manager_threshold": _time("manager_threshold"),
    "loader_files": _number(""),  # nothing is loaded: the store is its own index
    "loader_sleep": _time(""),
    "loader_threshold": _time(""),
    "purger": _on_off("purger"),
    "purger_files": _number(""),  # a purge is one transaction
    "purger_sleep": _time(""),
    "purger_threshold": _time(""),
}


@dataclass(frozen=True, slots=True)
class Which:
    """proxy_cache: off (None), or a zone by its name, which may have variables."""

    name: Template | None = None


def proxy_cache(args: Arguments) -> Which:
    """Read off or the name of a zone."""
    if args[0] == "off":
        return Which()
    return Which(values.template_at(args, 0))


def proxy_cache_valid(args: Arguments) -> Valid:
    """Read statuses, perhaps none, and a time."""
    try:
        seconds = units.parse_duration(args[len(args) - 1], whole_seconds=True)
    except ValueError:
        raise Invalid(f'invalid time value "{args[len(args) - 1]}"', len(args)) from None
    if len(args) == 1:
        return Valid((200, 301, 302), seconds)
    statuses = []
    for word, text in enumerate(args.words[:-1], 1):
        if text == "any":
            statuses.append(0)
        elif text.isdecimal() and 100 <= int(text) <= 599:
            statuses.append(int(text))
        else:
            raise Invalid(f'invalid status "{text}"', word)
    return Valid(tuple(statuses), seconds)


METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "PROPFIND",
    "SEARCH",
    "QUERY",
)
USE_STALE = (
    "error",
    "timeout",
    "invalid_header",
    "updating",
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "http_403",
    "http_404",
    "http_429",
    "off",
)


@dataclass(frozen=True, slots=True)
class Purge:
    """proxy_cache_purge: conditions of which one has to hold."""

    conditions: tuple[Template, ...] = field(default=())


def proxy_cache_purge(args: Arguments) -> Purge:
    """Read conditions."""
    return Purge(values.templates(args))


def field_names(args: Arguments) -> tuple[str, ...]:
    """Read names of fields, or off."""
    if args.words == ("off",):
        return ()
    return args.words


def _ours(name: str, parse: Parse, manual: str, **rest: object) -> Row:
    return row(name, HSL, parse, manual, **rest)


def _default_key(_scope: Scope) -> Template:
    return parse_template("$scheme$proxy_host$request_uri")


ROWS = [
    row(
        "proxy_cache_path",
        [HTTP],
        proxy_cache_path,
        "folder and options: a zone in which answers are kept",
        args=(2, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _ours("slice", values.size, "octets of the parts in which answers are fetched", default=0),
    _ours("proxy_cache", proxy_cache, "zone to keep answers in, or off", default=Which()),
    _ours(
        "proxy_cache_key", values.template, "what makes two requests the same", derive=_default_key
    ),
    _ours(
        "proxy_cache_valid",
        proxy_cache_valid,
        "statuses and the time for which answers are fresh that do not say it themselves",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _ours(
        "proxy_cache_bypass",
        values.templates,
        "conditions under which an answer is not taken from the cache",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _ours(
        "proxy_no_cache",
        values.templates,
        "conditions under which an answer is not stored",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _ours(
        "proxy_cache_methods",
        values.choices(*METHODS),
        "methods whose answers are stored; GET and HEAD always are",
        args=(1, None),
        default=frozenset({"GET", "HEAD"}),
        repeat=True,
    ),
    _ours("proxy_cache_min_uses", values.number(), "requests after which it is stored", default=1),
    _ours(
        "proxy_cache_lock",
        values.flag,
        "one request fetches, the others wait for it",
        default=False,
    ),
    _ours("proxy_cache_lock_timeout", values.duration, "how long they wait", default=5.0),
    _ours(
        "proxy_cache_lock_age",
        values.duration,
        "after how long another one may fetch",
        default=5.0,
    ),
    _ours(
        "proxy_cache_use_stale",
        values.choices(*USE_STALE),
        "when a stale answer is served",
        args=(1, None),
        default=frozenset({"off"}),
        repeat=True,
    ),
    _ours(
        "proxy_cache_background_update",
        values.flag,
        "fetch anew while the stale answer is served",
        default=False,
    ),
    _ours(
        "proxy_cache_revalidate",
        values.flag,
        "ask with If-None-Match and If-Modified-Since whether a stale answer is still good",
        default=False,
    ),
    _ours("proxy_cache_convert_head", values.flag, "fetch by GET for HEAD", default=True),
    _ours(
        "proxy_cache_max_range_offset",
        values.offset,
        "offset beyond which ranges are passed on; what comes is stored by RFC 9111 alone",
        default=None,
    ),
    _ours(
        "proxy_cache_purge",
        proxy_cache_purge,
        "conditions under which a request deletes what it would get",
        args=(1, None),
        default=Purge(),
    ),
    _ours(
        "proxy_cache_rfc",
        values.flag,
        "RFC 9111 decides what is stored and served, instead of nginx's rules",
        default=False,
        modern=True,
    ),
    _ours(
        "proxy_cache_heuristics",
        values.flag,
        "answers without a lifetime get a tenth of their age (RFC 9111 4.2.2)",
        default=False,
    ),
    _ours(
        "proxy_cache_targeted",
        field_names,
        "fields that stand for Cache-Control here, the first that is there (RFC 9213); or off",
        args=(1, None),
        default=("Forkproxy-Cache-Control", "CDN-Cache-Control"),
    ),
    _ours(
        "proxy_cache_tags",
        field_names,
        "fields of answers that have tags to purge by; or off",
        args=(1, None),
        default=("Cache-Tag", "Surrogate-Key", "xkey"),
    ),
    _ours(
        "proxy_cache_guard",
        values.flag,
        "what looks like cache poisoning or deception is not stored",
        default=True,
    ),
    _ours(
        "proxy_cache_status_header",
        values.word,
        "name in a Cache-Status field (RFC 9211), or off",
        default="off",
    ),
]
