"""The commands of SSI: their text taken apart, their conditions, their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from forkproxy.config.regex import RegexError, compile_pattern

# name="value", with either quotes; a backslash takes a quote's meaning away.
_PARAMETER = re.compile(
    rb"\s*([A-Za-z]+)\s*=\s*(?:\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)')", re.DOTALL
)
_NAME = re.compile(rb"\s*([A-Za-z]+)")
_VARIABLE = re.compile(rb"\\(\$)|\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")
_CONDITION = re.compile(rb"\s*(.*?)\s*(?:(!=|=)\s*(/(.*)/|.*?))?\s*", re.DOTALL)

Lookup = Callable[[bytes], bytes | None]


class CommandError(Exception):
    """A command cannot be understood."""


def parse_command(text: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Return the name of a command and its parameters. Raises CommandError."""
    found = _NAME.match(text)
    if found is None:
        raise CommandError("no name")
    at, parameters = found.end(), {}
    while text[at:].strip():
        one = _PARAMETER.match(text, at)
        if one is None:
            raise CommandError("invalid parameter")
        value = one[2] if one[2] is not None else one[3]
        parameters[one[1].lower()] = re.sub(rb"\\([\"'\\])", rb"\1", value)
        at = one.end()
    return found[1].lower(), parameters


def expand(text: bytes, lookup: Lookup) -> bytes:
    """Put the values of $name and ${name} in; what is not known is empty."""

    def value(match: re.Match[bytes]) -> bytes:
        return match[1] or lookup(match[2] or match[3]) or b""

    return _VARIABLE.sub(value, text)


def waits(given: Mapping[bytes, bytes]) -> bool:
    """Tell whether an include says that what is behind it waits for it. Raises CommandError."""
    said = given.get(b"wait", b"no").lower()
    if said not in (b"yes", b"no"):
        raise CommandError("wait is yes or no")
    if said == b"yes" and b"virtual" not in given:
        raise CommandError("wait is for virtual alone")
    return said == b"yes"


def holds(expression: bytes, lookup: Lookup, variables: dict[bytes, bytes]) -> bool:
    """Tell whether a condition holds: $x, $x = text, $x != /regex/. Raises CommandError.

    What a regex captures becomes variables: $1, and those with names.
    """
    found = _CONDITION.fullmatch(expression)
    if found is None:
        raise CommandError("invalid expression")
    left = expand(found[1], lookup)
    if found[2] is None:
        return bool(left)
    if found[4] is not None:
        try:
            match = compile_pattern(found[4].decode("utf-8", "surrogateescape")).search(left)
        except RegexError as error:
            raise CommandError(error.reason) from error
        same = match is not None
        if match is not None:
            variables.update(_captured(match))
    else:
        same = left == expand(found[3].strip(b"'\""), lookup)
    return same == (found[2] == b"=")


def _captured(match: re.Match[bytes]) -> dict[bytes, bytes]:
    """Return what the groups of a regex have captured, by number and by name."""
    found = {b"%d" % number: text or b"" for number, text in enumerate(match.groups(), 1)}
    named = match.groupdict()
    return found | {name.lower().encode(): text or b"" for name, text in named.items()}


_ENTITIES = {b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;", b'"': b"&quot;"}


def encode(value: bytes, encoding: bytes) -> bytes:
    """Encode a value for a page: entity, url or none."""
    if encoding == b"none":
        return value
    if encoding == b"url":
        kept = rb"[^A-Za-z0-9\-._~/]"
        return re.sub(kept, lambda octet: b"%%%02X" % octet[0][0], value)
    return re.sub(rb"[&<>\"]", lambda octet: _ENTITIES[octet[0]], value)
