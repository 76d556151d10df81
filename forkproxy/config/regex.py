r"""Regular expressions of the configuration: PCRE's syntax, run by Python's re on octets.

Most of the two languages is the same. What is written differently is translated
((?<n>…), \h, \z, \R, \Q…\E, POSIX classes, \k{n}); what only PCRE can do (\K,
recursion, verbs) is refused with its name, never guessed at.
"""

from __future__ import annotations

import re
import unicodedata

from forkproxy.errors import ConfigError


class RegexError(ConfigError):
    """A pattern that cannot be used. The reason is worded as nginx words it."""


def compile_pattern(text: str, ignore_case: bool = False) -> re.Pattern[bytes]:
    """Compile a PCRE pattern. Raises RegexError."""
    translated = _Translator(text).run()
    octets = translated.encode("utf-8", "surrogateescape")
    try:
        return re.compile(octets, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise _failure(text, translated, error) from None


def capture_names(pattern: re.Pattern[bytes]) -> tuple[str, ...]:
    """Return the names of a pattern's named groups, in the order of their numbers."""
    return tuple(sorted(pattern.groupindex, key=lambda name: pattern.groupindex[name]))


# Reasons as re gives them, and as PCRE does, which is what people search for.
_REASONS = (
    ("missing ), unterminated subpattern", "missing closing parenthesis"),
    ("unbalanced parenthesis", "unmatched closing parenthesis"),
    ("unterminated character set", "missing terminating ] for character class"),
    ("nothing to repeat", "quantifier does not follow a repeatable item"),
    ("multiple repeat", "quantifier does not follow a repeatable item"),
    ("redefinition of group name", "two named subpatterns have the same name"),
    ("bad character range", "range out of order in character class"),
    ("min repeat greater than max repeat", "numbers out of order in {} quantifier"),
    ("bad escape (end of pattern)", "\\ at end of pattern"),
)


def _failure(text: str, translated: str, error: Exception) -> RegexError:
    reason = error.msg if isinstance(error, re.error) else str(error)
    for ours, theirs in _REASONS:
        if reason.startswith(ours):
            reason = theirs
    where = ""
    position = getattr(error, "pos", None)
    # Both libraries name the same place for these two, if nothing before it was translated.
    if position is not None and translated == text and reason.startswith(("unmatched", "quant")):
        where = f' at "{text[position:]}"'
    return RegexError(f'pcre2_compile() failed: {reason} in "{text}"{where}')


_POSIX = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "ascii": r"\x00-\x7f",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r"\s",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9a-fA-F",
}
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")

# Escapes that PCRE knows and re writes differently: outside a class, inside one.
_ESCAPES = {
    "z": (r"\Z", None),
    "Z": (r"(?=\n?\Z)", None),
    "h": (r"[ \t\xa0]", r" \t\xa0"),
    "H": (r"[^ \t\xa0]", None),
    "v": (r"[\n\x0b\f\r\x85]", r"\n\x0b\f\r\x85"),
    "V": (r"[^\n\x0b\f\r\x85]", None),
    "R": (r"(?>\r\n|[\n\x0b\f\r\x85])", None),
    "N": (r"[^\n]", None),
    "e": (r"\x1b", r"\x1b"),
}
_ONLY_PCRE = {
    "K": "resetting the start of the match",
    "G": "the start of the match",
    "X": "grapheme clusters",
    "C": "single code units",
}
_HEX = re.compile(r"x(?:\{([0-9a-fA-F]{1,2})\}|([0-9a-fA-F]{0,2}))")  # none is 0
_REFERENCE = re.compile(r"k(?:<(\w+)>|\{(\w+)\}|'(\w+)')|g(?:\{(\w+)\}|([0-9]+))")
_PROPERTY = re.compile(r"([pP])(?:\{(\^?)([A-Z][a-z]?)\}|([A-Z]))")
_NAMED_GROUP = re.compile(r"\(\?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')")
_CONDITION_NAME = re.compile(r"(\w+)[>']")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-[a-zA-Z]+)?([:)])")
_OTHER_GROUPS = ("(?=", "(?!", "(?<=", "(?<!", "(?>", "(?:", "(?#", "(?P<", "(?P=", "(?(")
_LITERAL_BRACE = re.compile(r"\{(?![0-9]+(?:,[0-9]*)?\})")


class _Translator:
    """One walk over one pattern, left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._out: list[str] = []
        self._end = ""

    def run(self) -> str:
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character == "\\":
                self._escape(in_class=False)
            elif character == "[":
                self._class()
            elif character == "(" and text[self._at + 1 : self._at + 2] in ("?", "*"):
                self._group()
            elif character == "{" and _LITERAL_BRACE.match(text, self._at):
                self._put(r"\{", 1)  # re would read {,3} as a quantifier
            else:
                self._put(character, 1)
        return "".join(self._out) + self._end

    def _put(self, translated: str, length: int) -> None:
        self._out.append(translated)
        self._at += length

    def _escape(self, *, in_class: bool) -> None:
        text, letter_at = self._text, self._at + 1
        letter = text[letter_at : letter_at + 1]
        if letter in _ONLY_PCRE and not (in_class and letter in "KGXC"):
            raise self._unsupported(f"\\{letter}", _ONLY_PCRE[letter])
        if letter == "Q":
            end = text.find("\\E", letter_at)
            literal = text[letter_at + 1 : end if end >= 0 else len(text)]
            self._put(re.escape(literal), len(literal) + (4 if end >= 0 else 2))
        elif letter == "E":
            self._at += 2  # one without \Q means nothing
        elif found := _PROPERTY.match(text, letter_at):
            self._put(self._property(found, in_class=in_class), 1 + len(found[0]))
        elif letter in ("p", "P"):
            raise self._unsupported(f"\\{letter}", "this Unicode property")
        elif letter in _ESCAPES and _ESCAPES[letter][in_class] is not None:
            self._put(_ESCAPES[letter][in_class] or "", 2)
        elif found := _HEX.match(text, letter_at):
            code = int(found[1] or found[2] or "0", 16)
            self._put(f"\\x{code:02x}", 1 + len(found[0]))
        elif not in_class and (found := _REFERENCE.match(text, letter_at)):
            self._put(self._reference(found), 1 + len(found[0]))
        else:
            self._put(text[self._at : self._at + 2], 2)

    def _property(self, found: re.Match[str], *, in_class: bool) -> str:
        """Return a class of the octets with a property, as PCRE sees octets: by Latin-1."""
        name = found[3] or found[4]
        negated = (found[1] == "P") != bool(found[2])
        octets = [
            f"\\x{code:02x}"
            for code in range(256)
            if unicodedata.category(chr(code)).startswith(name) != negated
        ]
        if not octets:
            raise self._unsupported(f"\\{found[0]}", "a property that no octet has")
        return "".join(octets) if in_class else f"[{''.join(octets)}]"

    @staticmethod
    def _reference(found: re.Match[str]) -> str:
        name = next(group for group in found.groups() if group)
        return f"(?:\\{name})" if name.isdigit() else f"(?P={name})"

    def _class(self) -> None:
        text = self._text
        self._put("[", 1)
        if text.startswith("^", self._at):
            self._put("^", 1)
        if text.startswith("]", self._at):
            self._put(r"\]", 1)
        while self._at < len(text) and text[self._at] != "]":
            character = text[self._at]
            if character == "\\":
                self._escape(in_class=True)
            elif found := _POSIX_CLASS.match(text, self._at):
                self._posix(found)
            elif character in "[&~|" or text.startswith("--", self._at):
                self._put("\\" + character, 1)  # re warns of these: it may mean sets one day
            else:
                self._put(character, 1)
        if self._at < len(text):
            self._put("]", 1)

    def _posix(self, found: re.Match[str]) -> None:
        if found[2] not in _POSIX:
            raise RegexError(
                f'pcre2_compile() failed: unknown POSIX class name in "{self._text}"'
                f' at "{self._text[self._at :]}"'
            )
        if found[1]:
            raise self._unsupported(found[0], "negated POSIX classes")
        self._put(_POSIX[found[2]], len(found[0]))

    def _group(self) -> None:
        text = self._text
        if named := _NAMED_GROUP.match(text, self._at):
            self._put(f"(?P<{named[1] or named[2]}>", len(named[0]))
        elif flags := _FLAGS.match(text, self._at):
            self._flags(flags)
        elif text.startswith("(*", self._at):
            raise self._unsupported("(*…)", "verbs")
        elif text.startswith(("(?(<", "(?('"), self._at):
            self._put("(?(", 4)
            name = _CONDITION_NAME.match(text, self._at)
            if name:
                self._put(name[1], len(name[0]))
        elif text.startswith(_OTHER_GROUPS, self._at):
            self._put("(?", 2)
        else:
            shown = text[self._at : self._at + 4]
            raise self._unsupported(shown, "recursion and branch reset")

    def _flags(self, found: re.Match[str]) -> None:
        if set(found[1]) - set("ismx"):
            raise self._unsupported(found[0], "this option")
        if found[2] == ")" and not self._at and "-" in found[0] and not found[1]:
            # re turns options off only for a part: here for the whole.
            self._put(found[0][:-1] + ":", len(found[0]))
            self._end = ")"
            return
        if found[2] == ")" and self._at:
            raise self._unsupported(
                found[0], "an option that begins inside", hint=f"write {found[0][:-1]}:…) around it"
            )
        self._put(found[0], len(found[0]))

    def _unsupported(self, what: str, name: str, *, hint: str = "") -> RegexError:
        reason = f'"{what}" ({name}) is not supported in the regular expression "{self._text}"'
        return RegexError(reason, hint=hint)
