"""Content-Range: either it says exactly which octets these are, or nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.wire.content_range import parse_content_range

GRAMMAR = re.compile(rb"(?i)bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")


def by_the_grammar(value):
    """Say what RFC 9110 §14.4 says of a value whose total is known."""
    match = GRAMMAR.fullmatch(value)
    if match is None:
        return None
    first, last, total = map(int, match.groups())
    return (first, last + 1, total) if first <= last < total else None


@pytest.mark.parametrize(
    ("value", "span"),
    [
        (b"bytes 0-0/1", (0, 1, 1)),
        (b"Bytes 4-9/10", (4, 10, 10)),
        (b"bytes 007-9/10", (7, 10, 10)),
        (b"bytes 999999999999999997-999999999999999998/999999999999999999",
         (999999999999999997, 999999999999999999, 999999999999999999)),
    ],
)  # fmt: skip
def test_it_tells_the_first_octet_the_one_behind_the_last_and_the_total(value, span):
    assert parse_content_range(value) == span


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"bytes",
        b"bytes ",
        b"bytes=0-1/2",
        b"octets 0-1/2",
        b"bytes 0-1/*",
        b"bytes */2",
        b"bytes 1-0/2",
        b"bytes 0-2/2",
        b"bytes 0-1/2 ",
        b"bytes  0-1/2",
        b"bytes 0 - 1/2",
        b"bytes +0-1/2",
        b"bytes 0-1/2, bytes 0-1/2",
        b"bytes 0-1/2/3",
        b"bytes 0-9999999999999999999/99999999999999999999",
    ],
)
def test_whatever_else_it_is_says_nothing(value):
    assert parse_content_range(value) is None


@given(
    st.one_of(
        st.binary(max_size=40),
        st.from_regex(rb"(?i)bytes [0-9]{0,20}-[0-9]{0,20}/[0-9*]{0,20} ?", fullmatch=True),
    )
)
def test_it_reads_what_the_grammar_reads(value):
    assert parse_content_range(value) == by_the_grammar(value)


@given(st.integers(0, 10**18 - 2), st.integers(0, 10**18 - 2), st.integers(1, 10**18 - 1))
def test_no_valid_one_is_refused(first, last, total):
    value = b"bytes %d-%d/%d" % (first, last, total)
    assert parse_content_range(value) == by_the_grammar(value)


def test_each_beginning_of_one_is_read_by_the_grammar_too():
    value = b"bytes 12-345/6789"
    for end in range(len(value) + 1):
        assert parse_content_range(value[:end]) == by_the_grammar(value[:end])
