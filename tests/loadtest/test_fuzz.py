import random

import pytest

from loadtest.fuzz import bent, corpus, one, search


def test_bent_messages_of_the_corpus_break_nothing():
    assert search(bent(corpus(), random.Random(7)), 1) > 100


def test_what_is_found_is_shown(capsys):
    def breaks(_octets):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        search(iter([b"these"]), 1, breaks)
    assert "found with b'these'" in capsys.readouterr().out


@pytest.mark.parametrize("octets", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_plain_octets_are_no_finding(octets):
    one(octets)
