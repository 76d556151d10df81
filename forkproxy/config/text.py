"""The tree back to text: a payload of `forkproxy config --json` as an nginx.conf.

One directive a line, blocks indented, included files in the place of their include. Comments
are not in the payload, and so not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forkproxy.config.lexer import quote
from forkproxy.errors import ConfigError

_INDENT = "    "
_DEEPEST = 200  # blocks and included files in each other


def text_of(payload: Mapping[str, Any]) -> str:
    """Return the text of a payload, its first file being the main one.

    Raises ConfigError where it has not a payload's shape.
    """
    try:
        files = [file["parsed"] for file in payload["config"]]
        lines = list(_lines(files, files[0], 0, 0))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(f"this is no payload of a configuration ({error!r})") from None
    return "".join(line + "\n" for line in lines)


def _lines(
    files: Sequence[Any], statements: Sequence[Any], level: int, depth: int
) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ConfigError(f"blocks and files are more than {_DEEPEST} deep in each other")
    indent = _INDENT * level
    for one in statements:
        if "includes" in one:
            for number in one["includes"]:
                yield from _lines(files, files[number], level, depth + 1)
            continue
        words = " ".join(_words(one["directive"], one["args"]))
        if "block" not in one:
            yield f"{indent}{words};"
        elif not one["block"]:
            yield f"{indent}{words} {{ }}"
        else:
            yield f"{indent}{words} {{"
            yield from _lines(files, one["block"], level + 1, depth + 1)
            yield f"{indent}}}"


def _words(name: str, args: Sequence[str]) -> Iterator[str]:
    yield quote(name)
    shown = [quote(arg) for arg in args]
    if name == "if" and shown:
        shown[0] = f"({args[0]}"  # quotes behind the parenthesis would be a part of the word
        shown[-1] = f"{shown[-1]})"
    yield from shown
