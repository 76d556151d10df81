r"""server, server_name and location: which requests a level is for.

server_name example.com *.example.com ~^(?<who>.+)\.example\.com$ "";
location = /exact { }      location ^~ /prefix/ { }      location /prefix { }
location ~ regex { }       location ~* regex { }         location @named { }
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from enum import Enum

from forkproxy.config import values
from forkproxy.config.row import HTTP, LOCATION, SERVER, Arguments, Inherit, Invalid, row


class NameKind(Enum):
    EXACT = "exact"
    SUFFIX = "suffix"  # *.example.com and .example.com
    PREFIX = "prefix"  # www.example.*
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class ServerName:
    """One name of a server.

    `text` is as $server_name shows it, in lower case. `name` is what a host is
    compared with: without the "*." or ".*". `also_bare` is true of ".example.com",
    which means example.com too.
    """

    kind: NameKind
    text: str
    name: str = ""
    also_bare: bool = False
    pattern: re.Pattern[bytes] | None = None


class PathKind(Enum):
    """The five kinds of location, by what stands before the path."""

    EXACT = "="
    PREFIX = ""
    PREFIX_FINAL = "^~"  # a prefix that, if longest, ends the search before the regexes
    REGEX = "~"
    NAMED = "@"


@dataclass(frozen=True, slots=True)
class LocationPath:
    """What a location matches: for NAMED the path has its @, for REGEX it is the pattern."""

    kind: PathKind
    path: str
    pattern: re.Pattern[bytes] | None = None
    ignore_case: bool = False


def server_name(args: Arguments) -> tuple[ServerName, ...]:
    """Read the names of a server."""
    return tuple(_server_name(args, text, index) for index, text in enumerate(args.words, 1))


def _server_name(args: Arguments, text: str, index: int) -> ServerName:
    if (text[:1] == "*" and (len(text) < 3 or text[1] != ".")) or text == ".":
        raise Invalid(f'server name "{text}" is invalid', index)
    if "/" in text:
        args.warn(f'server name "{text}" has suspicious symbols', index)
    if text.startswith("~"):
        return _regex_name(args, text[1:], index)
    text = socket.gethostname().lower() if text.lower() == "$hostname" else text.lower()
    wild = text.count("*")
    if wild > 1 or ".." in text or "\0" in text:
        raise Invalid(f'invalid server name or wildcard "{text}"', index)
    if len(text) > 1 and text.startswith("."):
        return ServerName(NameKind.SUFFIX, text, text[1:], also_bare=True)
    if text.startswith("*."):
        return ServerName(NameKind.SUFFIX, text, text[2:])
    if text.endswith(".*"):
        return ServerName(NameKind.PREFIX, text, text[:-2])
    if wild:
        hint = "* stands for whole labels at the start or the end; anything else needs a regex: ~"
        raise Invalid(f'invalid server name or wildcard "{text}"', index, hint=hint)
    return ServerName(NameKind.EXACT, text, text)


def _regex_name(args: Arguments, pattern: str, index: int) -> ServerName:
    if not pattern:
        raise Invalid('empty regex in server name "~"', index)
    # As nginx: host names are compared in lower case, so upper case in a pattern can
    # only mean that case shall not matter.
    ignore_case = any("A" <= character <= "Z" for character in pattern)
    compiled = values.pattern_at(args, index, pattern, ignore_case=ignore_case)
    return ServerName(NameKind.REGEX, "~" + pattern, pattern=compiled)


_MODIFIERS = {
    "=": PathKind.EXACT,
    "^~": PathKind.PREFIX_FINAL,
    "~": PathKind.REGEX,
    "~*": PathKind.REGEX,
}


def location(args: Arguments) -> LocationPath:
    """Read what a location matches, and hold it against the one around it."""
    if len(args) == 2:
        modifier, path = args.words
        if modifier not in _MODIFIERS:
            hint = 'one of: = ^~ ~ ~*; a "{" inside a regex needs quotes around the regex'
            raise Invalid(f'invalid location modifier "{modifier}"', hint=hint)
    else:
        modifier = next((mark for mark in ("=", "^~", "~*", "~") if args[0].startswith(mark)), "")
        path = args[0][len(modifier) :]
    kind = _MODIFIERS.get(modifier, PathKind.PREFIX)
    pattern = None
    if kind is PathKind.REGEX:
        pattern = values.pattern_at(args, len(args), path, ignore_case=modifier == "~*")
    elif len(args) == 1 and not modifier and path.startswith("@"):
        kind = PathKind.NAMED
    found = LocationPath(kind, path, pattern, modifier == "~*")
    if args.level.kind == "location":
        _check_nesting(found, args.level.subject, len(args))
    return found


def _check_nesting(inner: LocationPath, outer: LocationPath, word: int) -> None:
    if outer.kind is PathKind.EXACT:
        reason = f'location "{inner.path}" cannot be inside the exact location "{outer.path}"'
        raise Invalid(reason, word)
    if outer.kind is PathKind.NAMED:
        reason = f'location "{inner.path}" cannot be inside the named location "{outer.path}"'
        raise Invalid(reason, word)
    if inner.kind is PathKind.NAMED:
        raise Invalid(f'named location "{inner.path}" can be on the server level only', word)
    if inner.kind is not PathKind.REGEX and not inner.path.startswith(outer.path):
        hint = f"the path of a nested location begins with that around it: {outer.path}"
        raise Invalid(
            f'location "{inner.path}" is outside location "{outer.path}"', word, hint=hint
        )


ROWS = [
    row("server", [HTTP], values.nothing, "one virtual server", args=0, inside=SERVER, repeat=True),
    row(
        "server_name",
        [SERVER],
        server_name,
        "host names: exact, with * at one end, ~regex, or empty",
        args=(1, None),
        inherit=Inherit.SERVER,
        repeat=True,
    ),
    row(
        "location",
        [SERVER, LOCATION],
        location,
        "rules for the paths of a server",
        args=(1, 2),
        inside=LOCATION,
        repeat=True,
        stand_in=LocationPath(PathKind.PREFIX, ""),
    ),
]
