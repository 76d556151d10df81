"""The rewrite module: set, if, rewrite, return, break. They run in the order they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import (
    LOCATION,
    LOCATION_IF,
    SERVER,
    SERVER_IF,
    Arguments,
    Inherit,
    Invalid,
    accepted,
    row,
)
from forkproxy.config.template import Template

_PLACES = (SERVER, SERVER_IF, LOCATION, LOCATION_IF)


@dataclass(frozen=True, slots=True)
class Set:
    """A variable, without its $ and in lower case, and what it becomes."""

    name: str
    value: Template


@dataclass(frozen=True, slots=True)
class Return:
    """An answer. `text` is a body, or for 301, 302, 303, 307 and 308 where to go.

    It is None where there is none: `return 404`. 444 closes the connection.
    """

    status: int
    text: Template | None = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A change of the path.

    `flag` is "", "last", "break", "redirect" or "permanent"; `status` is that of the
    redirect, 0 for none. A replacement that ends in "?" drops the old query
    (`keep_args` is False, and the "?" is gone).
    """

    pattern: re.Pattern[bytes]
    replacement: Template
    flag: str = ""
    status: int = 0
    keep_args: bool = True


class Test(Enum):
    TRUE = ""
    EQUAL = "="
    MATCH = "~"
    FILE = "-f"
    FOLDER = "-d"
    EXISTS = "-e"
    EXECUTABLE = "-x"


@dataclass(frozen=True, slots=True)
class Condition:
    """What an `if` asks.

    TRUE looks at `variable` alone: it must be neither empty nor "0". EQUAL compares
    it with `operand`, MATCH with `pattern`; the others ask of a file named `operand`.
    """

    test: Test
    variable: str = ""
    operand: Template = ()
    pattern: re.Pattern[bytes] | None = None
    negated: bool = False


def set_(args: Arguments) -> Set:
    """Read a variable and its value."""
    return Set(values.variable_at(args, 0), values.template_at(args, 1))


def return_(args: Arguments) -> Return:
    """Read a status and a text, or a URL."""
    code = args[0]
    try:
        status = units.parse_number(code)
    except ValueError:
        if len(args) == 1 and code.startswith(("http://", "https://", "$scheme")):
            return Return(302, values.template_at(args, 0))
        raise Invalid(f'invalid return code "{code}"') from None
    if status > 999:
        raise Invalid(f'invalid return code "{code}"')
    return Return(status, values.template_at(args, 1) if len(args) == 2 else None)


_FLAG_STATUS = {"last": 0, "break": 0, "redirect": 302, "permanent": 301}


def rewrite(args: Arguments) -> Rewrite:
    """Read a regex, a replacement and a flag."""
    pattern = values.pattern_at(args, 1, args[0])
    replacement = args[1]
    if not replacement:
        raise Invalid("empty replacement", 2)
    status, flag = 0, ""
    if replacement.startswith(("http://", "https://", "$scheme")):
        status, flag = 302, "redirect"
    if len(args) == 3:
        flag = args[2]
        if flag not in _FLAG_STATUS:
            raise values.unknown_option(args, 3)
        status = _FLAG_STATUS[flag] or status
    keep_args = not replacement.endswith("?")
    template = values.template_at(args, 1, replacement if keep_args else replacement[:-1])
    return Rewrite(pattern, template, flag, status, keep_args)


_FILE_TESTS = {test.value: test for test in (Test.FILE, Test.FOLDER, Test.EXISTS, Test.EXECUTABLE)}
_MATCHES = ("~", "~*", "!~", "!~*")


def condition(args: Arguments) -> Condition:
    """Read what stands between the parentheses, which nginx does not take as words."""
    texts, indices = _inside(args)
    first = texts[0]
    invalid = Invalid(f'invalid condition "{first}"', indices[0])
    if first.startswith("$") and len(first) > 1:
        if len(texts) not in (1, 3):
            raise invalid
        variable = first[1:].lower()
        args.used.append((variable, indices[0]))
        if len(texts) == 1:
            return Condition(Test.TRUE, variable)
        return _comparison(args, variable, texts, indices)
    negated = first.startswith("!-")
    test = _FILE_TESTS.get(first.removeprefix("!"))
    if test is None or len(texts) != 2:
        raise invalid
    return Condition(test, "", _operand(args, texts[1], indices[1]), None, negated)


def _inside(args: Arguments) -> tuple[list[str], list[int]]:
    """Return the words between the parentheses, and which words of the directive they are."""
    texts, indices = list(args.words), list(range(1, len(args) + 1))
    if not texts[0].startswith("("):
        raise Invalid(f'invalid condition "{texts[0]}"', 1, hint="conditions stand in ( )")
    texts[0] = texts[0][1:]
    if not texts[-1].endswith(")"):
        shown = texts[-1] or args[0]
        raise Invalid(f'invalid condition "{shown}"', len(texts), hint='")" is missing')
    texts[-1] = texts[-1][:-1]
    found = [
        (text, index)
        for at, (text, index) in enumerate(zip(texts, indices, strict=True))
        if text or at not in (0, len(texts) - 1)
    ]
    if not found:
        raise Invalid('invalid condition ")"', 1)
    return [text for text, _ in found], [index for _, index in found]


def _comparison(args: Arguments, variable: str, texts: list[str], indices: list[int]) -> Condition:
    _, operator, operand = texts
    if operator in ("=", "!="):
        value = _operand(args, operand, indices[2])
        return Condition(Test.EQUAL, variable, value, None, operator == "!=")
    if operator not in _MATCHES:
        hint = f"one of: = != {' '.join(_MATCHES)}"
        raise Invalid(f'unexpected "{operator}" in condition', indices[1], hint=hint)
    pattern = values.pattern_at(args, indices[2], operand, ignore_case=operator.endswith("*"))
    return Condition(Test.MATCH, variable, (), pattern, operator.startswith("!"))


def _operand(args: Arguments, text: str, index: int) -> Template:
    return values.template_at(args, index - 1, text)


ROWS = [
    row(
        "set",
        _PLACES,
        set_,
        "$variable value: give a variable a value",
        args=2,
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "return",
        _PLACES,
        return_,
        "status [text], status URL, or URL: answer at once",
        args=(1, 2),
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "rewrite",
        _PLACES,
        rewrite,
        "regex replacement [last|break|redirect|permanent]: change the path",
        args=(2, 3),
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "break",
        _PLACES,
        values.nothing,
        "end the rewriting of this level",
        args=0,
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "if",
        [SERVER],
        condition,
        "(condition): what follows in braces, only where the condition holds",
        args=(1, None),
        inside=SERVER_IF,
        repeat=True,
    ),
    row(
        "if",
        [LOCATION],
        condition,
        "(condition): what follows in braces, only where the condition holds",
        args=(1, None),
        inside=LOCATION_IF,
        repeat=True,
    ),
    # What would be logged: `forkproxy explain` shows each step of a rewrite.
    accepted("rewrite_log", ["http", *_PLACES], values.flag, default=False),
    accepted("uninitialized_variable_warn", ["http", *_PLACES], values.flag, default=False),
]
