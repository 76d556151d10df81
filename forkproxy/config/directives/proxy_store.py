"""proxy_store: what upstreams answer becomes files."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import HSL, Arguments, Invalid, row
from forkproxy.config.template import Template

_OWN = 0o600
_SHIFTS = {"user": 6, "group": 3, "all": 0}
_RIGHTS = {"rw": 6, "r": 4}


@dataclass(frozen=True, slots=True)
class Store:
    """Answers are kept: at a path, or without one where root and URI say."""

    path: Template | None = None


def proxy_store(args: Arguments) -> Store | None:
    """Read on or a path; None for off."""
    if args[0] == "off":
        return None
    if not args[0]:
        raise Invalid("empty path")
    cache = args.name.replace("_store", "_cache")
    if any(line.value.name is not None for line in args.level.own(cache)):
        raise args.refuse(f'is incompatible with "{cache}"')
    if args[0] == "on":
        return Store()
    path = args[0] if args[0].startswith("$") else values.full_path(args, args[0])
    return Store(values.template_at(args, 0, path))


def access(args: Arguments) -> int:
    """Read who may do what: user:rw group:r all:r."""
    found, user = 0, _OWN
    for index, text in enumerate(args.words, 1):
        who, _, what = text.partition(":")
        if who not in _SHIFTS or what not in _RIGHTS:
            raise Invalid(f'invalid value "{text}"', index, hint="user:rw group:r all:r")
        if who == "user":
            user = 0
        found |= _RIGHTS[what] << _SHIFTS[who]
    return found | user


ROWS = [
    row(
        "proxy_store",
        HSL,
        proxy_store,
        "on, a path, or off: answers of the upstream become files",
    ),
    row(
        "proxy_store_access",
        HSL,
        access,
        "who may read and write such files: user:rw group:r all:r",
        args=(1, 3),
        default=_OWN,
    ),
]
