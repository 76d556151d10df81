r"""From text to words and marks, octet for octet as nginx reads it (ngx_conf_read_token).

The facts that are easy to get wrong, each checked against nginx itself:

- Only space, tab, CR and LF separate words. A comment starts where a word could.
- A quote is one only at the start of a word: `a"b"` is five characters. What follows
  a closing quote must be a separator, `;`, `{` or `)`.
- `{` ends a bare word, unless it follows `$`: hence `${host}x`, and hence regular
  expressions with `{2}` need quotes. `}` inside a word is nothing special.
- A backslash hides the next character from all of this. It is dropped before a quote
  or a backslash, `\t`, `\r` and `\n` are what they are in C, and it stays otherwise.
- A word of 4096 octets or more is refused; in quotes it usually lacks its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

UNEXPECTED_END = 'unexpected end of file, expecting ";" or "}"'
LONGEST = 4096  # octets: nginx's buffer, in which a word must fit

_SPACE = re.compile(r"[ \t\r\n]+")
# A bare word with nothing in it that has a meaning, too short to be too long; or a mark.
_PLAIN = re.compile(
    r"[ \t\r\n]*(?:((?:[^ \t\r\n;{}#\"'\\$]|\$(?!\{))"
    r"(?:[^ \t\r\n;{\\$]|\$(?!\{)){0,999})(?=[ \t\r\n;{])|([;{}]))"
)
_COMMENT = re.compile(r"#[^\n]*")
_BARE = re.compile(r"(?:\\[\s\S]|\$\{*|[^ \t\r\n;{\\$])+")
_DOUBLE = re.compile(r'"((?:\\[\s\S]|[^"\\])*)"')
_SINGLE = re.compile(r"'((?:\\[\s\S]|[^'\\])*)'")
_AFTER_QUOTE = frozenset(" \t\r\n;{)")
_LUA = re.compile(
    r"""--\[\[[\s\S]*?\]\]|--[^\n]*|\[\[[\s\S]*?\]\]"""
    r"""|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[{}]"""
)  # comments, strings, and what can close the block
_ESCAPE = re.compile(r"\\([\"'\\trn])")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}


class Kind(Enum):
    WORD = "word"
    END = ";"
    OPEN = "{"
    CLOSE = "}"
    COMMENT = "#"
    WRONG = "wrong"  # text is what nginx says about it
    EOF = ""


_MARKS = {";": Kind.END, "{": Kind.OPEN, "}": Kind.CLOSE}


class Token(NamedTuple):
    """A word without its quotes and escapes, a mark, or a complaint.

    `line` and `column` are where it starts; `width` counts its characters in the
    file, quotes included.
    """

    kind: Kind
    text: str
    line: int
    column: int
    quoted: bool = False
    width: int = 1


class _Cursor:
    """A place in a text that knows its line and column."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self._line_start = 0

    def skip(self, end: int) -> None:
        """Move to `end`."""
        if end > self.at:
            breaks = self.text.count("\n", self.at, end)
            if breaks:
                self.line += breaks
                self._line_start = self.text.rindex("\n", self.at, end) + 1
            self.at = end

    def take(self, end: int) -> str:
        """Move to `end` and return what was passed."""
        passed = self.text[self.at : end]
        self.skip(end)
        return passed

    @property
    def column(self) -> int:
        return self.at - self._line_start + 1


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text`, the last of which is EOF.

    A complaint does not end it: the lexer goes on as if the separator that was
    missing had been there, so that one run finds all that is wrong.
    """
    cursor = _Cursor(text)
    first = ""  # the first word of the directive
    while True:
        # Nearly all words are plain ones; the rest of the loop knows all the others.
        while plain := _PLAIN.match(text, cursor.at):
            cursor.skip(plain.start(plain.lastindex or 0))
            word, mark = plain.groups()
            if word is None:
                yield Token(_MARKS[mark], mark, cursor.line, cursor.column)
                cursor.at += 1
                if mark == "{" and first.endswith("_by_lua_block"):
                    cursor.skip(_end_of_lua(text, cursor.at))
                first = ""
                continue
            first = first or word
            yield Token(Kind.WORD, word, cursor.line, cursor.column, False, len(word))
            cursor.at += len(word)
        if blank := _SPACE.match(text, cursor.at):
            cursor.skip(blank.end())
        if cursor.at >= len(text):
            yield Token(Kind.EOF, "", cursor.line, cursor.column)
            return
        mark = text[cursor.at]
        if mark == "#":
            yield _comment(cursor)
        elif mark in "\"'":
            yield from _quoted(cursor, mark)
        else:
            other = _bare(cursor)
            first = first or other.text
            yield other


def _end_of_lua(text: str, start: int) -> int:
    """Return where the "}" stands that closes a block of Lua, or the end of the text.

    Such blocks are no configuration, though they stand in some: they are skipped, so
    that what is said of them is one thing, that they are not supported.
    """
    depth = 1
    for found in _LUA.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return len(text)


def _comment(cursor: _Cursor) -> Token:
    line, column = cursor.line, cursor.column
    found = _COMMENT.match(cursor.text, cursor.at)
    assert found is not None
    text = cursor.take(found.end())
    return Token(Kind.COMMENT, text[1:], line, column, width=len(text))


def _bare(cursor: _Cursor) -> Token:
    line, column = cursor.line, cursor.column
    found = _BARE.match(cursor.text, cursor.at)
    if found is None:  # a backslash with nothing behind it
        cursor.take(len(cursor.text))
        return Token(Kind.WRONG, UNEXPECTED_END, cursor.line, cursor.column)
    raw = cursor.take(found.end())
    if _octets(raw) >= LONGEST:
        return Token(Kind.WRONG, _too_long(raw), line, column)
    return Token(Kind.WORD, _unescape(raw), line, column, width=len(raw))


def _quoted(cursor: _Cursor, quote: str) -> Iterator[Token]:
    line, column = cursor.line, cursor.column
    found = (_DOUBLE if quote == '"' else _SINGLE).match(cursor.text, cursor.at)
    raw = found[1] if found else cursor.text[cursor.at + 1 :]
    if _octets(raw) >= LONGEST:
        missing = f'too long parameter, probably missing terminating "{quote}" character'
        yield Token(Kind.WRONG, missing, line, column)
        cursor.take(len(cursor.text))  # nothing behind a lost quote can be trusted
        return
    if _octets(raw) == LONGEST - 1 and found:  # its closing quote is one too many
        yield Token(Kind.WRONG, _too_long(raw), line, column)
    if found is None:
        cursor.take(len(cursor.text))
        yield Token(Kind.WRONG, UNEXPECTED_END, cursor.line, cursor.column)
        return
    width = found.end() - cursor.at
    cursor.take(found.end())
    yield Token(Kind.WORD, _unescape(raw), line, column, quoted=True, width=width)
    follower = cursor.text[cursor.at : cursor.at + 1]
    if follower and follower not in _AFTER_QUOTE:
        yield Token(Kind.WRONG, f'unexpected "{follower}"', cursor.line, cursor.column)


def _too_long(raw: str) -> str:
    return f'too long parameter "{raw[:10]}..." started'


def _octets(raw: str) -> int:
    return len(raw) if raw.isascii() else len(raw.encode("utf-8", "surrogateescape"))


def _unescape(raw: str) -> str:
    if "\\" not in raw:
        return raw
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), raw)


def quote(word: str) -> str:
    """Return `word` as it can stand in a file: bare if that reads back the same."""
    bare, *rest = tokens(word)
    if bare.text == word and bare.kind is Kind.WORD and not bare.quoted and len(rest) == 1:
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
