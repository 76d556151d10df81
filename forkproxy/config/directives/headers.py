"""add_header, add_trailer, how they are inherited, and expires.

expires 1h;              from now               expires modified 1h;    from Last-Modified
expires @15h30m;         at that time of day    expires epoch | max | off;
expires $expires;        any of these, for each request
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template, variables

_DAY = 86400


@dataclass(frozen=True, slots=True)
class AddHeader:
    """A field for responses: those of good status only, unless `always`."""

    name: str
    value: Template
    always: bool = False


class Moment(Enum):
    """What a time of expires counts from."""

    OFF = "off"
    EPOCH = "epoch"
    MAX = "max"
    ACCESS = "access"
    MODIFIED = "modified"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Expires:
    """When an answer is no longer fresh. With a `template`, it is computed for each request."""

    moment: Moment
    seconds: int = 0
    template: Template | None = None


def add_header(args: Arguments) -> AddHeader:
    """Read a name, a value, and always."""
    if len(args) == 3 and args[2] != "always":
        raise values.unknown_option(args, 3)
    return AddHeader(args[0], values.template_at(args, 1), len(args) == 3)


def expires(args: Arguments) -> Expires:
    """Read a time, perhaps behind "modified", or a word."""
    modified = len(args) == 2
    if modified and args[0] != "modified":
        raise Invalid("invalid value")
    template = values.template_at(args, len(args) - 1)
    if variables(template):
        return Expires(Moment.MODIFIED if modified else Moment.ACCESS, 0, template)
    try:
        return parse_expires(args[len(args) - 1], modified)
    except ValueError as error:
        raise args.refuse(str(error)) from None


def parse_expires(text: str, modified: bool) -> Expires:
    """Read what expires says. Raises ValueError with nginx's words."""
    if not modified:
        for moment in (Moment.EPOCH, Moment.MAX, Moment.OFF):
            if text == moment.value:
                return Expires(moment)
    if text.startswith("@"):
        if modified:
            raise ValueError('daily time cannot be used with "modified" parameter')
        found = _seconds(text[1:])
        if found > _DAY:
            raise ValueError("daily time value must be less than 24 hours")
        return Expires(Moment.DAILY, found)
    negative = text.startswith("-")
    found = _seconds(text[1:] if text[:1] in ("+", "-") else text)
    return Expires(Moment.MODIFIED if modified else Moment.ACCESS, -found if negative else found)


def _seconds(text: str) -> int:
    try:
        return int(units.parse_duration(text, whole_seconds=True))
    except ValueError:
        raise ValueError("invalid value") from None


_INHERIT = values.choice("on", "off", "merge")

ROWS = [
    row(
        "add_header",
        [*HSL, LOCATION_IF],
        add_header,
        "name value [always]: a header field for responses",
        args=(2, 3),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "add_trailer",
        [*HSL, LOCATION_IF],
        add_header,
        "name value [always]: a trailer field for responses, behind their content",
        args=(2, 3),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "add_header_inherit",
        [*HSL, LOCATION_IF],
        _INHERIT,
        "whether lines of the level around are replaced (on), lost (off) or kept too (merge)",
        default="on",
    ),
    row(
        "add_trailer_inherit",
        [*HSL, LOCATION_IF],
        _INHERIT,
        "the same for add_trailer",
        default="on",
    ),
    row(
        "expires",
        [*HSL, LOCATION_IF],
        expires,
        "[modified] time, @time of day, epoch, max or off: Expires and Cache-Control",
        args=(1, 2),
    ),
]
