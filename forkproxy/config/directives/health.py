"""Health: what is asked of peers to see whether they work, and which answers are good.

match welcome { status 200-399; header Content-Type ~ html; body !~ "maintenance"; }
location / { proxy_pass http://u; health_check interval=2s uri=/health match=welcome; }
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import HTTP, LOCATION, UPSTREAM, Arguments, Inherit, Invalid, row

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive

KINDS = ("http", "tcp")
# What `require` may look at: there is no request here, only an answer.
REQUIRABLE = re.compile(r"\$upstream_(?:status|http_\w+)")


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How often and how peers are asked. Durations are in seconds."""

    interval: float = 5.0
    jitter: float = 0.0
    fails: int = 1
    passes: int = 1
    uri: str = "/"
    port: int = 0  # 0: the peer's own
    match: str = ""
    mandatory: bool = False  # no requests before a first check has passed
    persistent: bool = False  # a reload keeps what was found: so it does here without asking
    kind: str = "http"  # tcp: that it can be connected to


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a match: what it looks at, and what must be so.

    `subject` is status, header, body or require; `texts` are ranges of a status, or the variables
    of require; a header has a name, and a value or a pattern where more than its presence counts.
    """

    subject: str
    negated: bool = False
    ranges: tuple[tuple[int, int], ...] = ()
    name: str = ""
    value: str | None = None
    pattern: re.Pattern[bytes] | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """All of a match's conditions must hold."""

    name: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Ejection:
    """A peer with so many bad answers in a row is left alone for a while.

    `time` is for the first time; a second ejection lasts twice as long, and so on. At most `most`
    percent of the peers are out at once, but one may always be, if there is another.
    """

    consecutive: int = 5
    time: float = 30.0  # seconds
    most: int = 10  # percent


def health_check(args: Arguments) -> HealthCheck:
    """Read parameters, in any order."""
    given: dict[str, Any] = {}
    for index, name, value in values.options(args, 0):
        text = args[index - 1]
        if text in ("mandatory", "persistent"):
            given[text] = True
        elif name == "keepalive_time" and value:
            continue  # each check has a connection of its own
        else:
            given |= _parameter(text, index, name, value)
    if given.get("persistent") and not given.get("mandatory"):
        raise Invalid('"persistent" requires "mandatory"')
    return HealthCheck(**given)


def _parameter(text: str, index: int, name: str, value: str) -> dict[str, Any]:
    try:
        if name in ("interval", "jitter"):
            return {name: units.parse_duration(value)}
        if name in ("fails", "passes", "port") and (number := units.parse_number(value)):
            return {name: number}
    except ValueError:
        pass
    if name in ("uri", "match") and value:
        return {name: value}
    if name == "type" and value in KINDS:
        return {"kind": value}
    raise Invalid(f'invalid parameter "{text}"', index)


def heading(args: Arguments) -> str:
    """Read the name of a match."""
    return args[0]


def line(args: Arguments, _seen: set[str]) -> Condition:
    """Read one condition."""
    reading = {"status": _status, "header": _header, "body": _body, "require": _require}
    if args.name not in reading:
        raise Invalid(f'unknown directive "{args.name}"', 0)
    if not len(args):
        raise Invalid(f'invalid number of arguments in "{args.name}" directive', 0)
    return reading[args.name](args)


def _status(args: Arguments) -> Condition:
    negated = args[0] == "!"
    ranges = []
    for index, word in enumerate(args.words[negated:], 1 + negated):
        low, dash, high = word.partition("-")
        if not (low.isdecimal() and (high.isdecimal() or not dash)):
            raise Invalid(f'invalid status "{word}"', index)
        ranges.append((int(low), int(high) if dash else int(low)))
    if not ranges:
        raise Invalid("no status to compare with")
    return Condition("status", negated, tuple(ranges))


def _header(args: Arguments) -> Condition:
    """Read NAME, ! NAME, NAME = VALUE, NAME != VALUE, NAME ~ REGEX or NAME !~ REGEX."""
    if len(args) == 1:
        return Condition("header", name=args[0])
    if len(args) == 2 and args[0] == "!":
        return Condition("header", True, name=args[1])
    if len(args) != 3 or args[1] not in ("=", "!=", "~", "!~"):
        raise Invalid("invalid header match")
    negated = args[1].startswith("!")
    if args[1].endswith("="):
        return Condition("header", negated, name=args[0], value=args[2])
    return Condition("header", negated, name=args[0], pattern=_pattern(args, 3))


def _body(args: Arguments) -> Condition:
    if len(args) != 2 or args[0] not in ("~", "!~"):
        raise Invalid("invalid body match")
    return Condition("body", args[0] == "!~", pattern=_pattern(args, 2))


def _pattern(args: Arguments, word: int) -> re.Pattern[bytes]:
    return values.pattern_at(args, word, args[word - 1])


def _require(args: Arguments) -> Condition:
    for index, word in enumerate(args.words, 1):
        if not REQUIRABLE.fullmatch(word):
            hint = "a health check knows $upstream_status and $upstream_http_NAME"
            raise Invalid(f'"{word}" cannot be required here', index, hint=hint)
    return Condition("require", texts=tuple(word[1:] for word in args.words))


def close(args: Arguments, lines: tuple[Directive, ...]) -> Match:
    """Return the match of all lines."""
    return Match(args[0], tuple(one.value for one in lines))


def ejection(args: Arguments) -> Ejection:
    """Read consecutive=, time= and max=."""
    given: dict[str, Any] = {}
    for index, name, value in values.options(args, 0):
        try:
            if name == "consecutive" and (count := units.parse_number(value)):
                given[name] = count
                continue
            if name == "time":
                given[name] = units.parse_duration(value)
                continue
            percent = units.parse_number(value.removesuffix("%"))
            if name == "max" and value.endswith("%") and percent <= 100:
                given["most"] = percent
                continue
        except ValueError:
            pass
        raise values.unknown_option(args, index)
    return Ejection(**given)


ROWS = [
    row(
        "health_check",
        [LOCATION],
        health_check,
        "[interval=] [jitter=] [fails=] [passes=] [uri=] [port=] [match=] [type=] "
        "[mandatory [persistent]]: ask the peers whether they work",
        args=(0, None),
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "match",
        [HTTP],
        heading,
        "name { status …; header …; body …; require …; }: which answers to checks are good",
        inherit=Inherit.REPLACED,
        repeat=True,
        line=line,
        close=close,
    ),
    row(
        "forkproxy_outlier_ejection",
        [UPSTREAM],
        ejection,
        "[consecutive=] [time=] [max=]: leave peers alone that fail again and again",
        args=(0, None),
        inherit=Inherit.HERE,
    ),
]
