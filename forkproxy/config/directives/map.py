"""map: a variable whose value depends on another text.

map $http_upgrade $connection_upgrade {
    default upgrade;
    ""      close;
}
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy.config import values
from forkproxy.config.row import HTTP, Arguments, Inherit, Invalid, accepted, row
from forkproxy.config.template import Template

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One line of a map: a text in lower case, or a pattern, and a value."""

    text: str
    value: Template
    pattern: re.Pattern[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """A map. Texts are tried first, without regard to case, then patterns in file order.

    With `hostnames`, texts may be names with a wildcard: *.example.com, .example.com,
    www.example.*. `volatile` values are computed anew at each use.
    """

    source: Template
    variable: str
    entries: tuple[MapEntry, ...]
    default: Template = ()
    hostnames: bool = False
    volatile: bool = False


def heading(args: Arguments) -> tuple[Template, str]:
    """Read the source and the variable."""
    variable = values.variable_at(args, 1)
    return values.template_at(args, 0), variable


def line(args: Arguments, seen: set[str]) -> MapEntry | None:
    """Read a line: a value and its result; None for hostnames and volatile.

    A backslash before a value takes away its special meaning, if it has one.
    """
    name = args.name
    if len(args) == 0 and name in ("hostnames", "volatile"):
        return None
    if len(args) != 1:
        raise Invalid("invalid number of the map parameters", 0)
    if name.startswith("~"):
        ignore_case = name.startswith("~*")
        pattern = values.pattern_at(args, 0, name[1 + ignore_case :], ignore_case=ignore_case)
        return MapEntry(name, values.template_at(args, 0), pattern)
    text = name.removeprefix("\\").lower()
    key = name if name == "default" else f"text {text}"
    if key in seen:
        conflict = f'conflicting parameter "{name}"'
        raise Invalid("duplicate default map parameter" if key == "default" else conflict, 0)
    seen.add(key)
    return MapEntry(text, values.template_at(args, 0))


def close(args: Arguments, lines: tuple[Directive, ...]) -> Map:
    """Return the map of all lines."""
    source, variable = heading(args)
    marks = {one.name for one in lines if one.value is None}
    default: Template = next((one.value.value for one in lines if one.name == "default"), ())
    entries = tuple(one.value for one in lines if one.value is not None and one.name != "default")
    return Map(source, variable, entries, default, "hostnames" in marks, "volatile" in marks)


ROWS = [
    row(
        "map",
        [HTTP],
        heading,
        "source $variable { value result; … }: a variable by the value of a text",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
        line=line,
        close=close,
    ),
    accepted("map_hash_max_size", [HTTP], values.number()),
    accepted("map_hash_bucket_size", [HTTP], values.number()),
]
