"""charset: what Content-Type says of the letters of a response, and tables to write them anew.

charset_map koi8-r utf-8 {
    C0  D18E;  # small yu
}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy.config import values
from forkproxy.config.row import HSL, HTTP, LOCATION_IF, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template, variables

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive

UTF_8 = "utf-8"


@dataclass(frozen=True, slots=True)
class CharsetMap:
    """A table between two character sets, for both directions. Names are in lower case.

    `pairs` are an octet of the first and what it is in the second: one octet, or the
    octets of one letter where that is utf-8.
    """

    source: str
    target: str
    pairs: tuple[tuple[int, bytes], ...]


def charset(args: Arguments) -> Template | None:
    """Read a name, which may have variables, but no captures; None for off."""
    if args[0] == "off":
        return None
    template = values.template(args)
    for part in variables(template):
        if part.capture:
            raise Invalid(f'unknown "{part.name}" variable')
    return template


def heading(args: Arguments) -> tuple[str, str]:
    """Read the names of two character sets."""
    source, target = args[0].lower(), args[1].lower()
    if source == target:
        raise Invalid(f'"charset_map" between the same charsets "{args[0]}" and "{args[1]}"')
    if source == UTF_8:
        hint = f"charset_map {args[1]} utf-8 serves both directions"
        raise Invalid('"utf-8" can only be the second charset of a "charset_map"', hint=hint)
    for earlier in args.level.own("charset_map"):
        if {earlier.value.source, earlier.value.target} == {source, target}:
            raise Invalid(f'duplicate "charset_map" between "{args[0]}" and "{args[1]}"')
    return source, target


def line(args: Arguments, _seen: set[str]) -> tuple[int, bytes]:
    """Read an octet and what it is in the other set, both in hexadecimal digits."""
    if len(args) != 1:
        raise Invalid("invalid parameters number", 0)
    try:
        source = int(args.name, 16)
        target = bytes.fromhex(args[0] if len(args[0]) > 1 else "0" + args[0])
    except ValueError:
        source, target = 256, b""
    if not 0 <= source <= 255:
        raise Invalid(f'invalid value "{args.name}"', 0)
    return source, target


def close(args: Arguments, lines: tuple[Directive, ...]) -> CharsetMap:
    """Return the table of all lines."""
    source, target = heading(args)
    return CharsetMap(source, target, tuple(one.value for one in lines))


def misfit(given: CharsetMap) -> bytes | None:
    """Return what is no letter of the second set; None where all are."""
    return next((octets for _, octets in given.pairs if not _fits(octets, given.target)), None)


def _fits(octets: bytes, target: str) -> bool:
    if target != UTF_8:
        return len(octets) == 1
    try:
        return len(octets.decode()) == 1
    except UnicodeDecodeError:
        return False


ROWS = [
    row(
        "charset",
        [*HSL, LOCATION_IF],
        charset,
        "name that is added to the Content-Type of responses, or off",
    ),
    row(
        "source_charset",
        [*HSL, LOCATION_IF],
        charset,
        "name of the set that content is written in: it is written anew in that of charset",
    ),
    row(
        "charset_map",
        [HTTP],
        heading,
        "set set { octet octet; … }: how letters of one set are written in another, and back",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
        line=line,
        close=close,
    ),
    row(
        "charset_types",
        HSL,
        values.media_types,
        "media types of such responses; text/html always, * for all",
        args=(1, None),
        repeat=True,
        default=frozenset(
            {
                "text/html",
                "text/xml",
                "text/plain",
                "text/vnd.wap.wml",
                "application/javascript",
                "application/rss+xml",
            }
        ),
    ),
    row(
        "override_charset",
        [*HSL, LOCATION_IF],
        values.flag,
        "also in place of the name that an upstream gave",
        default=False,
    ),
]
