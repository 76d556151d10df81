"""Text in one character set, written anew in another, as the tables of charset_map say.

What the other set does not have becomes a question mark, or in a set that is not utf-8 the
reference that HTML has for it: &#8364;.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable

from forkproxy.config.directives.charset import UTF_8, CharsetMap

Convert = Callable[[bytes, bool], bytes]
"""Turns the next piece of a text, whose second argument tells whether it is the last."""


class Conversion:
    """From one character set to another.

    Attributes:
        keeps_length: each octet becomes one octet.
    """

    def __init__(self, begin: Callable[[], Convert], *, keeps_length: bool) -> None:
        self.begin = begin
        self.keeps_length = keeps_length


class Charsets:
    """What a configuration knows of character sets.

    Attributes:
        names: in lower case: those it names anywhere.
    """

    def __init__(self, maps: Iterable[CharsetMap], names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self._between: dict[tuple[bytes, bytes], Conversion] = {}
        for one in maps:
            source, target = one.source.encode(), one.target.encode()
            there, back = _utf_8(one) if one.target == UTF_8 else _octets(one)
            self._between[source, target] = there
            self._between[target, source] = back

    def between(self, source: bytes, target: bytes) -> Conversion | None:
        """Return how text of one set becomes text of the other; names in lower case."""
        return self._between.get((source, target))


def _octets(given: CharsetMap) -> tuple[Conversion, Conversion]:
    """Make the two tables of sets that have one octet a letter."""
    there = bytearray([*range(128), *b"?" * 128])
    back = bytearray(there)
    for source, target in given.pairs:
        there[source] = target[0]
        back[target[0]] = source
    return _translation(bytes(there)), _translation(bytes(back))


def _translation(table: bytes) -> Conversion:
    def convert(piece: bytes, _last: bool) -> bytes:
        return piece.translate(table)

    return Conversion(lambda: convert, keeps_length=True)


def _utf_8(given: CharsetMap) -> tuple[Conversion, Conversion]:
    letters = [chr(octet) if octet < 128 else "?" for octet in range(256)]
    numbers = {octet: octet for octet in range(128)}
    for source, target in given.pairs:
        letters[source] = target.decode()
        numbers[ord(letters[source])] = source
    table = "".join(letters)

    def convert(piece: bytes, _last: bool) -> bytes:
        return codecs.charmap_decode(piece, "strict", table)[0].encode()

    return (
        Conversion(lambda: convert, keeps_length=False),
        Conversion(lambda: _from_utf_8(numbers), keeps_length=False),
    )


def _from_utf_8(numbers: dict[int, int]) -> Convert:
    """Begin a text in utf-8, whose pieces may end in the middle of a letter."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def convert(piece: bytes, last: bool) -> bytes:
        text = decode(piece, last).replace("\ufffd", "?")
        return codecs.charmap_encode(text, "xmlcharrefreplace", numbers)[0]

    return convert
