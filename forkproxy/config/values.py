"""The common shapes of arguments: each parser here serves many directives.

The wording of what they refuse is nginx's (ngx_conf_set_*_slot).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from forkproxy import units
from forkproxy.config.regex import RegexError, capture_names, compile_pattern
from forkproxy.config.row import Arguments, Invalid
from forkproxy.config.template import Template, TemplateError, parse_template
from forkproxy.config.variables import assignable


@dataclass(frozen=True, slots=True)
class Buffers:
    """So many buffers of such a size."""

    count: int
    size: int  # octets


def nothing(_args: Arguments) -> bool:
    """Take no argument: the directive is there, that is its value."""
    return True


def flag(args: Arguments) -> bool:
    """Read on or off."""
    word = args[0].lower()
    if word not in ("on", "off"):
        raise Invalid(
            f'invalid value "{args[0]}" in "{args.name}" directive, it must be "on" or "off"'
        )
    return word == "on"


def size(args: Arguments) -> int:
    """Read octets of memory: 8k, 1m."""
    try:
        return units.parse_size(args[0])
    except ValueError:
        raise args.refuse("invalid value", hint=_SIZE_HINT) from None


def offset(args: Arguments) -> int:
    """Read octets of a file or a body: 8k, 1m, 2g."""
    try:
        return units.parse_offset(args[0])
    except ValueError:
        raise args.refuse("invalid value", hint=_SIZE_HINT) from None


_SIZE_HINT = "sizes are written 512, 8k or 1m, without a space"
_TIME_HINT = "times are written 500ms, 30s, 5m or 1h30m, without a space"


def duration(args: Arguments) -> float:
    """Read a time that counts in milliseconds, as seconds."""
    try:
        return units.parse_duration(args[0])
    except ValueError:
        raise args.refuse("invalid value", hint=_TIME_HINT) from None


def seconds(args: Arguments) -> float:
    """Read a time that counts in whole seconds."""
    try:
        return units.parse_duration(args[0], whole_seconds=True)
    except ValueError:
        raise args.refuse("invalid value", hint=_TIME_HINT) from None


def number(least: int = 0, most: int | None = None) -> Callable[[Arguments], int]:
    """Return a parser of numbers within bounds."""

    def parse(args: Arguments) -> int:
        try:
            value = units.parse_number(args[0])
        except ValueError:
            raise args.refuse("invalid number") from None
        if most is None and value < least:
            raise Invalid(f"value must be equal to or greater than {least}")
        if most is not None and not least <= value <= most:
            raise Invalid(f"value must be between {least} and {most}")
        return value

    return parse


def choice(*allowed: str) -> Callable[[Arguments], str]:
    """Return a parser of one of some words."""

    def parse(args: Arguments) -> str:
        word = args[0].lower()
        if word not in allowed:
            raise Invalid(f'invalid value "{args[0]}"', hint=f"one of: {', '.join(allowed)}")
        return word

    return parse


def choices(*allowed: str) -> Callable[[Arguments], frozenset[str]]:
    """Return a parser of a set of words; lines of one level add up."""
    spelled = {word.lower(): word for word in allowed}

    def parse(args: Arguments) -> frozenset[str]:
        chosen: set[str] = set()
        for earlier in args.level.own(args.name):
            chosen |= earlier.value
        for index, word in enumerate(args.words, 1):
            known = spelled.get(word.lower())
            if known is None:
                raise Invalid(
                    f'invalid value "{word}"', index, hint=f"any of: {', '.join(allowed)}"
                )
            if known in chosen:
                args.warn(f'duplicate value "{word}"', index)
            chosen.add(known)
        return frozenset(chosen)

    return parse


def buffers(args: Arguments) -> Buffers:
    """Read a count and a size."""
    try:
        count, each = units.parse_number(args[0]), units.parse_size(args[1])
    except ValueError:
        raise args.refuse("invalid value") from None
    if count == 0 or each == 0:
        raise args.refuse("invalid value")
    return Buffers(count, each)


def word(args: Arguments) -> str:
    """Read one word as it stands."""
    return args[0]


def media_types(args: Arguments) -> frozenset[str]:
    """Read media types; text/html is always among them, * means all."""
    return frozenset({"text/html", *(word.lower() for word in args.words)})


def path(args: Arguments) -> str:
    """Read a file name; relative ones are taken from the prefix."""
    return full_path(args, args[0])


_DEEPEST = 10  # digits of a file's number, which levels of folders are made of


def temp_path(args: Arguments) -> tuple[str, ...]:
    """Read a folder, and up to three digits for levels of folders in it."""
    levels = [int(text) if text.isdecimal() else 0 for text in args.words[1:]]
    if 0 in levels or sum(levels) > _DEEPEST:
        raise args.refuse("invalid value", hint="levels are numbers from 1, together 10: 1 2")
    return args.words


def full_path(args: Arguments, name: str) -> str:
    """Return a file name, taken from the prefix where it is relative."""
    return os.path.join(args.level.prefix, name)  # noqa: PTH118 (kept as written)


def template(args: Arguments) -> Template:
    """Read one text with variables."""
    return template_at(args, 0)


def templates(args: Arguments) -> tuple[Template, ...]:
    """Read conditions: one that is neither empty nor "0" is enough."""
    return tuple(template_at(args, index) for index in range(len(args)))


def template_at(
    args: Arguments, index: int, text: str | None = None, *, captures: bool = True
) -> Template:
    """Read the argument at `index`, or a part of it, as text with variables."""
    try:
        found = parse_template(args[index] if text is None else text, captures=captures)
    except TemplateError as error:
        raise Invalid(error.reason, index + 1, hint=_DOLLAR_HINT) from None
    args.uses(found, index + 1)
    return found


_DOLLAR_HINT = "a $ always starts a variable: nginx knows no way to write one that does not"


def variable_at(args: Arguments, index: int) -> str:
    """Read "$name", a variable that is made by this; return its name, in lower case."""
    name = args[index]
    if not name.startswith("$") or len(name) == 1:
        hint = f"write ${name.lstrip('$')}"
        raise Invalid(f'invalid variable name "{name}"', index + 1, hint=hint)
    if not assignable(name[1:].lower()):
        hint = "it is one of nginx's own"
        raise Invalid(f'the duplicate "{name[1:]}" variable', index + 1, hint=hint)
    args.defined.append(name[1:].lower())
    return name[1:].lower()


def pattern_at(
    args: Arguments, word: int, text: str, *, ignore_case: bool = False
) -> re.Pattern[bytes]:
    """Compile a regular expression that stands in a word; 0 is the name."""
    try:
        found = compile_pattern(text, ignore_case)
    except RegexError as error:
        raise Invalid(error.reason, word, hint=error.hint) from None
    args.defined.extend(capture_names(found))
    return found


def options(args: Arguments, start: int) -> list[tuple[int, str, str]]:
    """Split "name=value" arguments from `start`; return (word, name, value), "" for no value."""
    found = []
    for index, text in enumerate(args.words[start:], start + 1):
        name, _, value = text.partition("=")
        found.append((index, name, value))
    return found


def unknown_option(args: Arguments, word: int) -> Invalid:
    """Return nginx's complaint about an argument it does not know."""
    return Invalid(f'invalid parameter "{args[word - 1]}"', word)
