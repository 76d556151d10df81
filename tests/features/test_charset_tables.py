"""Text in one character set, written anew in another."""

import pytest

from forkproxy.config.directives.charset import CharsetMap
from forkproxy.features.charset_tables import Charsets

EURO = "€".encode()
TABLES = Charsets(
    [
        CharsetMap("one", "utf-8", ((0x80, EURO), (0xE4, "ä".encode()))),
        CharsetMap("one", "two", ((0x80, b"\xa4"),)),
    ],
    ["one"],
)


def convert(source, target, *pieces):
    turn = TABLES.between(source, target).begin()
    return b"".join(turn(piece, index == len(pieces)) for index, piece in enumerate(pieces, 1))


@pytest.mark.parametrize(
    ("source", "target", "text", "found"),
    [
        (b"one", b"utf-8", b"a\x80\xe4\x81", b"a" + EURO + "ä?".encode()),
        (b"utf-8", b"one", b"a" + EURO + "ä".encode(), b"a\x80\xe4"),
        (b"utf-8", b"one", "ö".encode() + b"\xff", b"&#246;?"),
        (b"one", b"two", b"a\x80\x81", b"a\xa4?"),
        (b"two", b"one", b"a\xa4\x80", b"a\x80?"),
    ],
)
def test_a_text(source, target, text, found):
    assert convert(source, target, text) == found
    assert convert(source, target, *(text[at : at + 1] for at in range(len(text)))) == found


def test_a_letter_that_is_cut_off_is_unknown():
    assert convert(b"utf-8", b"one", EURO[:2]) == b"?"


def test_tables_that_are_not_there():
    assert TABLES.between(b"two", b"utf-8") is None
    assert TABLES.names == {"one"}


def test_only_sets_of_one_octet_a_letter_keep_the_length():
    assert TABLES.between(b"one", b"two").keeps_length
    assert not TABLES.between(b"one", b"utf-8").keeps_length
