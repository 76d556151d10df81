"""split_clients: a variable whose value is drawn by a hash, always the same for the same text.

split_clients "${remote_addr}AAA" $variant { 0.5% .one; 2.0% .two; * ""; }
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy.config import values
from forkproxy.config.row import HTTP, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive

_PERCENT = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?%")
_WHOLE = 10000


@dataclass(frozen=True, slots=True)
class SplitClients:
    """The parts, each with how many of 10,000 it gets; 0 for the rest."""

    source: Template
    variable: str
    parts: tuple[tuple[int, Template], ...]


def heading(args: Arguments) -> tuple[Template, str]:
    """Read the text and the variable."""
    variable = values.variable_at(args, 1)
    return values.template_at(args, 0), variable


def line(args: Arguments, seen: set[str]) -> tuple[int, Template]:
    """Read a share and its value; `seen` has one word for each hundredth of a percent so far."""
    if len(args) != 1:
        raise Invalid("invalid number of parameters", 0)
    if args.name == "*":
        return 0, values.template_at(args, 0)
    found = _PERCENT.fullmatch(args.name)
    share = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
    if share == 0:
        raise Invalid(f'invalid percent value "{args.name}"', 0)
    before = len(seen)
    if before + share > _WHOLE:
        raise Invalid("percent total is greater than 100%", 0)
    seen.update(str(number) for number in range(before, before + share))
    return share, values.template_at(args, 0)


def close(args: Arguments, lines: tuple[Directive, ...]) -> SplitClients:
    """Return the parts of all lines."""
    source, variable = heading(args)
    parts = tuple(one.value for one in lines if one.value is not None)
    return SplitClients(source, variable, parts)


ROWS = [
    row(
        "split_clients",
        [HTTP],
        heading,
        "text $variable { share% value; … * value; }: a variable drawn by a hash of a text",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
        line=line,
        close=close,
    ),
]
