"""sticky: what binds a client's session to one peer.

sticky cookie srv_id expires=1h path=/;
sticky route $route_cookie $route_uri;
sticky learn create=$upstream_cookie_session lookup=$cookie_session zone=sessions:1m;
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import UPSTREAM, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template, parse_template, variables

SMALLEST_ZONE = 32768  # octets; nginx's eight pages
SAMESITES = ("strict", "lax", "none")


@dataclass(frozen=True, slots=True)
class StickyCookie:
    """A cookie of ours. `expires` is in seconds; -1 for with the browser, -2 for never."""

    name: str
    expires: int = -1
    domain: Template | None = None
    path: str = ""
    httponly: bool = False
    secure: bool = False
    samesite: Template | None = None


@dataclass(frozen=True, slots=True)
class StickyRoute:
    """The first of some variables that has a value is the route= of a peer."""

    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StickyLearn:
    """Which peer has made a session, by variables that answers and requests have it in."""

    create: tuple[str, ...]
    lookup: tuple[str, ...]
    zone: str
    size: int  # octets
    timeout: float = 600.0  # seconds that a session lasts after its last use
    header: bool = False  # it is learnt when the head of the answer is there


@dataclass(slots=True)
class _Learn:
    """What is read so far."""

    lists: dict[str, list[str]] = field(default_factory=lambda: {"create": [], "lookup": []})
    given: dict[str, Any] = field(default_factory=dict)


def sticky(args: Arguments) -> StickyCookie | StickyRoute | StickyLearn:
    """Read a kind and its parameters."""
    if args[0] == "cookie":
        return _cookie(args)
    if args[0] == "route":
        return StickyRoute(tuple(_variable(args, index) for index in range(1, len(args))))
    if args[0] == "learn":
        return _learn(args)
    raise Invalid(f'unknown parameter "{args[0]}"')


def _variable(args: Arguments, index: int, text: str = "") -> str:
    """Read the name of a variable, and let it be looked up with all others."""
    text = text or args[index]
    if not text.startswith("$") or len(text) == 1:
        raise Invalid(f'invalid variable name "{text}"', index + 1)
    found = values.template_at(args, index, "${" + text[1:] + "}")
    return next(part.name for part in variables(found))


def _cookie(args: Arguments) -> StickyCookie:
    if not args[1]:
        raise args.refuse("empty cookie name")
    given: dict[str, Any] = {}
    for index, name, value in values.options(args, 2):
        text = args[index - 1]
        if name in given:
            raise args.refuse(f'parameter "{name}" is duplicate')
        if text in ("httponly", "secure"):
            given[name] = True
        elif name in ("domain", "path", "samesite", "expires") and text != name:
            given[name] = _attribute(args, index, name, value)
        else:
            raise Invalid(f'unknown parameter "{text}"', index)
    args.uses(parse_template("${cookie_" + args[1] + "}"), 2)
    return StickyCookie(args[1], **given)


def _attribute(args: Arguments, index: int, name: str, value: str) -> Any:
    if name == "expires":
        if value == "max":
            return -2
        try:
            return int(units.parse_duration(value, whole_seconds=True))
        except ValueError:
            raise args.refuse('invalid "expires" parameter value') from None
    if not value and name != "samesite":
        raise args.refuse(f'no value for "{name}"')
    if name == "path":
        return value
    template = values.template_at(args, index - 1, value)
    if name == "samesite" and not variables(template) and value.lower() not in SAMESITES:
        raise args.refuse('invalid "samesite" parameter value')
    return template


def _learn(args: Arguments) -> StickyLearn:
    read = _Learn()
    for index, name, value in values.options(args, 1):
        if name in read.lists and value:
            if not value.startswith("$"):
                raise args.refuse(f'missing variable in the "{name}" parameter')
            read.lists[name].append(_variable(args, index - 1, value))
        elif name in read.lists:
            raise args.refuse(f'missing variable in the "{name}" parameter')
        elif args[index - 1] == "header":
            read.given["header"] = True
        elif name == "zone" and value:
            read.given |= _zone(args, value, read.given)
        elif name == "timeout" and value:
            read.given["timeout"] = _timeout(args, value, read.given)
        else:
            raise Invalid(f'unknown parameter "{args[index - 1]}"', index)
    for name in ("lookup", "create"):
        if not read.lists[name]:
            raise args.refuse(f'"{name}" parameter is not specified')
    if "zone" not in read.given:
        raise args.refuse('"zone" parameter is not specified')
    create, lookup = tuple(read.lists["create"]), tuple(read.lists["lookup"])
    return StickyLearn(create, lookup, **read.given)


def _zone(args: Arguments, value: str, given: dict[str, Any]) -> dict[str, Any]:
    if "zone" in given:
        raise args.refuse("duplicate zone")
    name, colon, text = value.partition(":")
    if not colon:
        raise args.refuse("zone size is not specified")
    if not name:
        raise args.refuse("zone name is not specified")
    try:
        size = units.parse_size(text)
    except ValueError:
        raise args.refuse("invalid zone size") from None
    if size < SMALLEST_ZONE:
        raise args.refuse("zone is too small")
    return {"zone": name, "size": size}


def _timeout(args: Arguments, value: str, given: dict[str, Any]) -> float:
    if "timeout" in given:
        raise args.refuse("duplicate timeout")
    try:
        timeout = units.parse_duration(value)
    except ValueError:
        timeout = 0.0
    if not timeout:
        raise args.refuse("invalid timeout")
    return timeout


ROWS = [
    row(
        "sticky",
        [UPSTREAM],
        sticky,
        "cookie | route | learn: requests of one session go to one peer",
        args=(2, None),
        inherit=Inherit.HERE,
    )
]
