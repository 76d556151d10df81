"""Which parts of a content are asked for."""

import pytest

from forkproxy.core.ranges import Unsatisfiable, parse_ranges


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        (b"0-0", [(0, 1)]),
        (b"2-4", [(2, 5)]),
        (b"7-", [(7, 10)]),
        (b"-3", [(7, 10)]),
        (b"-30", [(0, 10)]),
        (b"5-99", [(5, 10)]),
        (b" 1 - 2 , 4-4", [(1, 3), (4, 5)]),
        (b"8-9,0-1", [(8, 10), (0, 2)]),
        (b"20-30,1-1", [(1, 2)]),
        (b"3-2,1-1", [(1, 2)]),
        (b"0-9,0-0", None),  # more than there is
    ],
)
def test_parts_that_are_asked_for(asked, parts):
    assert parse_ranges(asked, 10, -1) == parts


@pytest.mark.parametrize(
    "asked", [b"", b"-", b"-0", b"a-b", b"1", b"10-", b"5-x", b"1-2,", b"9" * 30 + b"-"]
)
def test_what_cannot_be_satisfied(asked):
    with pytest.raises(Unsatisfiable):
        parse_ranges(asked, 10, -1)


def test_more_parts_than_are_allowed_are_the_whole():
    assert parse_ranges(b"0-0,2-2", 10, 1) is None
    assert parse_ranges(b"0-0,2-2", 10, 2) == [(0, 1), (2, 3)]
