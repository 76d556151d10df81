"""keyval_zone and keyval: variables whose values are changed while we run.

keyval_zone zone=banned:1m type=ip timeout=1h state=banned.json;
keyval $remote_addr $banned zone=banned;
"""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import HTTP, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template

KINDS = ("string", "ip", "prefix")


@dataclass(frozen=True, slots=True)
class KeyvalZone:
    """A table of keys and values.

    `kind` is how a key is found: equal, an address within a network, or a prefix of what is looked
    up. A pair lasts `timeout` seconds, 0 for ever. `state` is a file that always shows the table.
    """

    name: str
    size: int
    kind: str = "string"
    timeout: float = 0.0
    state: str = ""


@dataclass(frozen=True, slots=True)
class Keyval:
    """A variable: the value of a key in a zone."""

    key: Template
    variable: str
    zone: str


def keyval_zone(args: Arguments) -> KeyvalZone:
    """Read zone=NAME:SIZE and options."""
    given: dict[str, object] = {}
    for index, name, value in values.options(args, 0):
        try:
            given |= _option(args, index, name, value)
        except ValueError:
            raise values.unknown_option(args, index) from None
    if "name" not in given:
        raise args.refuse('must have "zone" parameter')
    return KeyvalZone(**given)  # type: ignore[arg-type]


def _option(args: Arguments, index: int, name: str, value: str) -> dict[str, object]:
    if name == "zone":
        zone, colon, size = value.rpartition(":")
        if not colon or not zone:
            raise Invalid(f'invalid zone size "{value}"', index)
        return {"name": zone, "size": units.parse_size(size)}
    if name == "timeout":
        return {"timeout": units.parse_duration(value)}
    if name == "type" and value in KINDS:
        return {"kind": value}
    if name == "state" and value:
        return {"state": values.full_path(args, value)}
    if args[index - 1] == "sync":
        raise Invalid(
            'the "sync" parameter of "keyval_zone" is not supported by this version of forkproxy',
            index,
            hint="leave it out: all workers of one machine have the same table",
        )
    raise values.unknown_option(args, index)


def keyval(args: Arguments) -> Keyval:
    """Read a key, a variable, and zone=NAME."""
    variable = values.variable_at(args, 1)
    option, _, zone = args[2].partition("=")
    if option != "zone" or not zone:
        raise values.unknown_option(args, 3)
    return Keyval(values.template_at(args, 0), variable, zone)


ROWS = [
    row(
        "keyval_zone",
        [HTTP],
        keyval_zone,
        "zone=NAME:SIZE [type=string|ip|prefix] [timeout=] [state=]: a table for keyval",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "keyval",
        [HTTP],
        keyval,
        "key $variable zone=NAME: a variable by the value of a key, changed while we run",
        args=3,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
]
