"""limit_req, limit_conn, limit_rate: so many requests, connections and octets for each key."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import (
    HSL,
    HTTP,
    LOCATION_IF,
    Arguments,
    Inherit,
    Invalid,
    row,
)
from forkproxy.config.template import Template

_SMALLEST_ZONE = 8 * 4096  # octets, as nginx
_LARGEST_BURST = 1_000_000  # what a state has room for
_LARGEST_RATE = 1_000_000_000  # requests a second
_NO_DELAY = -1
_MOST_LINES = 16  # of limit_req, what a request has room for


@dataclass(frozen=True, slots=True)
class Zone:
    """Shared memory for one limit. `rate` is in 1/1000 of a request a second, of limit_req."""

    key: Template
    key_text: str
    name: str
    size: int  # octets
    rate: int = 0
    lasting: bool = False  # what is far ahead of the rate outlives a restart


@dataclass(frozen=True, slots=True)
class LimitReq:
    """A limit of requests. `burst` and `delay` in requests; `delay` -1: nobody waits."""

    zone: str
    burst: int = 0
    delay: int = 0
    ban: float = 0.0  # seconds that a key is refused which went over it


@dataclass(frozen=True, slots=True)
class LimitConn:
    """A limit of requests under way at once."""

    zone: str
    most: int


def zone(args: Arguments) -> Zone:
    """Read a key, a name, a size and, for limit_req, a rate."""
    wants_rate = args.name == "limit_req_zone"
    found: dict[str, object] = {}
    for index, name, value in values.options(args, 1):
        if name == "zone" and value:
            found["name"], found["size"] = _named_size(args[index - 1], value, index)
        elif name == "rate" and wants_rate:
            found["rate"] = _rate(args[index - 1], value, index)
        elif args[index - 1] == "lasting" and wants_rate:
            found["lasting"] = True
        else:
            raise values.unknown_option(args, index)
    if "name" not in found:
        raise Invalid(f'"{args.name}" must have "zone" parameter', 0)
    if wants_rate and "rate" not in found:
        found["rate"] = 1000  # nginx's default: one a second
    return Zone(values.template_at(args, 0), args[0], **found)  # type: ignore[arg-type]


def _named_size(word: str, value: str, index: int) -> tuple[str, int]:
    name, colon, size = value.partition(":")
    if not colon or not name:
        raise Invalid(f'invalid zone size "{word}"', index, hint="write zone=name:10m")
    try:
        octets = units.parse_size(size)
    except ValueError:
        raise Invalid(f'invalid zone size "{word}"', index) from None
    if octets < _SMALLEST_ZONE:
        raise Invalid(f'zone "{word}" is too small', index, hint="32k is the least")
    return name, octets


def _rate(word: str, value: str, index: int) -> int:
    try:
        return frequency_of(value)
    except ValueError:
        raise Invalid(f'invalid rate "{word}"', index, hint="write 10r/s or 30r/m") from None


def frequency_of(text: str) -> int:
    """Return a rate, "10r/s" or "30r/m", in 1/1000 of a request a second. Raises ValueError."""
    per_second = text.endswith("r/s")
    if not per_second and not text.endswith("r/m"):
        raise ValueError(text)
    number = units.parse_number(text[:-3])
    if not 0 < number <= _LARGEST_RATE:
        raise ValueError(text)
    return number * 1000 if per_second else number * 1000 // 60


def limit_req(args: Arguments) -> LimitReq:
    """Read a zone, how many may come early, and what becomes of these."""
    name = ""
    found: dict[str, object] = {}
    for index, option, value in values.options(args, 0):
        word = args[index - 1]
        if option == "zone" and value:
            name = value
        elif option == "burst":
            found["burst"] = _count("burst value", word, value, index)
        elif option == "delay":
            found["delay"] = _count("delay value", word, value, index)
        elif word == "nodelay":
            found["delay"] = _NO_DELAY
        elif option == "ban":
            found["ban"] = _ban(word, value, index)
        else:
            raise values.unknown_option(args, index)
    _zone_given(args, name)
    if len(args.level.own(args.name)) >= _MOST_LINES:
        raise args.refuse(f"may be given {_MOST_LINES} times in one place")
    return LimitReq(name, **found)  # type: ignore[arg-type]


def _count(what: str, word: str, value: str, index: int) -> int:
    try:
        number = units.parse_number(value)
    except ValueError:
        number = 0
    if number <= 0:
        raise Invalid(f'invalid {what} "{word}"', index)
    if number > _LARGEST_BURST:
        raise Invalid(f'{what} is too large: "{word}"', index, hint=f"{_LARGEST_BURST} is the most")
    return number


def _ban(word: str, value: str, index: int) -> float:
    try:
        seconds = units.parse_duration(value)
    except ValueError:
        seconds = 0.0
    if seconds <= 0.0:
        raise Invalid(f'invalid ban "{word}"', index, hint="write ban=5m")
    return seconds


def limit_conn(args: Arguments) -> LimitConn:
    """Read a zone and how many at once."""
    try:
        most = units.parse_number(args[1])
    except ValueError:
        most = 0
    if most <= 0:
        raise Invalid(f'invalid number of connections "{args[1]}"', 2)
    if most > 65535:
        raise Invalid("connection limit must be less 65536", 2)
    _zone_given(args, args[0])
    return LimitConn(args[0], most)


def _zone_given(args: Arguments, name: str) -> None:
    if not name:
        raise Invalid(f'"{args.name}" must have "zone" parameter', 0)
    if any(line.value.zone == name for line in args.level.own(args.name)):
        raise args.refuse("is duplicate")


def status(args: Arguments) -> int:
    """Read a status from 400 to 599."""
    return values.number(400, 599)(args)


def rate(args: Arguments) -> Template:
    """Read octets a second, or a variable that has them."""
    if "$" not in args[0]:
        values.size(args)
    return values.template_at(args, 0)


_LEVELS = ("info", "notice", "warn", "error")
_PLACES = (*HSL, LOCATION_IF)

ROWS = [
    row(
        "limit_req_zone",
        [HTTP],
        zone,
        "key zone=name:size rate=rate [lasting]: how often each key may ask, over all workers",
        args=(3, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "limit_req",
        HSL,
        limit_req,
        "zone=name [burst=number] [nodelay | delay=number] [ban=time]: refuse what is too often",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("limit_req_status", HSL, status, "status of what limit_req refuses", default=503),
    row(
        "limit_req_log_level",
        HSL,
        values.choice(*_LEVELS),
        "level of what limit_req refuses; delays are logged one lower",
        default="error",
    ),
    row("limit_req_dry_run", HSL, values.flag, "count and log, refuse nothing", default=False),
    row(
        "limit_headers",
        HSL,
        values.flag,
        "tell clients of limit_req in RateLimit, RateLimit-Policy and Retry-After",
        default=False,
    ),
    row(
        "limit_conn_zone",
        [HTTP],
        zone,
        "key zone=name:size: how many requests of each key are under way, over all workers",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "limit_conn",
        HSL,
        limit_conn,
        "zone number: refuse what is too many at once",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("limit_conn_status", HSL, status, "status of what limit_conn refuses", default=503),
    row(
        "limit_conn_log_level",
        HSL,
        values.choice(*_LEVELS),
        "level of what limit_conn refuses",
        default="error",
    ),
    row("limit_conn_dry_run", HSL, values.flag, "count and log, refuse nothing", default=False),
    row(
        "limit_rate",
        _PLACES,
        rate,
        "octets a second of one answer to its client; 0: as fast as it goes",
        default=("0",),
    ),
    row(
        "limit_rate_after",
        _PLACES,
        rate,
        "octets of an answer before limit_rate holds",
        default=("0",),
    ),
]
