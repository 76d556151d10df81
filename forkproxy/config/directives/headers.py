"""add_header."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, Arguments, Inherit, row
from forkproxy.config.template import Template


@dataclass(frozen=True, slots=True)
class AddHeader:
    """A field for responses: those of good status only, unless `always`."""

    name: str
    value: Template
    always: bool = False


def add_header(args: Arguments) -> AddHeader:
    """Read a name, a value, and always."""
    if len(args) == 3 and args[2] != "always":
        raise values.unknown_option(args, 3)
    return AddHeader(args[0], values.template_at(args, 1), len(args) == 3)


ROWS = [
    row(
        "add_header",
        [*HSL, LOCATION_IF],
        add_header,
        "name value [always]: a header field for responses",
        args=(2, 3),
        inherit=Inherit.REPLACED,
        repeat=True,
    )
]
