"""valid_referers: which pages may link here; $invalid_referer is "1" for all others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import LOCATION, SERVER, Arguments, Inherit, Invalid, accepted, row

_WORDS = ("none", "blocked", "server_names")


@dataclass(frozen=True, slots=True)
class Referer:
    """One argument of valid_referers: a word, a pattern, or a name with what its path begins with.

    `name` may have a wildcard: *.example.com, .example.com, www.example.*
    """

    word: str = ""
    name: str = ""
    path: str = ""
    pattern: re.Pattern[bytes] | None = None


def valid_referers(args: Arguments) -> tuple[Referer, ...]:
    """Read words, names and patterns. No name may stand for what another one stands for too."""
    taken: set[str] = set()
    for line in args.level.own("valid_referers"):
        for earlier in line.value:
            taken |= _keys(earlier.name)
    found = []
    for index, text in enumerate(args.words, 1):
        one = _one(args, text, index)
        keys = _keys(one.name)
        if keys & taken:
            raise Invalid(f'conflicting parameter "{text.partition("/")[0]}"', index)
        taken |= keys
        found.append(one)
    return tuple(found)


def _keys(name: str) -> set[str]:
    """Return what a name stands for: .example.com is two."""
    if not name:
        return set()
    return {name[1:], f"*{name}"} if name.startswith(".") else {name}


def _one(args: Arguments, text: str, index: int) -> Referer:
    if not text:
        raise Invalid(f'invalid referer "{text}"', index)
    if text in _WORDS:
        return Referer(word=text)
    if "://" in text:
        raise Invalid(f'invalid referer "{text}"', index)
    if text.startswith("~"):
        if text == "~":
            raise Invalid(f'empty regex in "{text}"', index)
        return Referer(pattern=values.pattern_at(args, index, text[1:], ignore_case=True))
    name, slash, path = text.partition("/")
    bare = name.removeprefix("*.").removeprefix(".").removesuffix(".*")
    if "*" in bare or ".." in name:
        raise Invalid(f'invalid hostname or wildcard "{name}"', index)
    return Referer(name=name.lower(), path=slash + path)


ROWS = [
    row(
        "valid_referers",
        [SERVER, LOCATION],
        valid_referers,
        "none, blocked, server_names, names with or without a path, ~regex: good values of Referer",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    accepted("referer_hash_max_size", [SERVER, LOCATION], values.number()),
    accepted("referer_hash_bucket_size", [SERVER, LOCATION], values.number()),
]
