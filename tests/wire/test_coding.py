"""Accept-Encoding (RFC 9110 §12.5.3)."""

import pytest

from forkproxy.wire.coding import accepted

LINES = [
    (b"gzip", 1000),
    (b"GZip", 1000),
    (b"x-gzip", 1000),
    (b"br, gzip", 1000),
    (b"gzip;q=0.5", 500),
    (b"gzip ; q=0.125", 125),
    (b"gzip;Q=1.000", 1000),
    (b"gzip;q=1.5", 1000),
    (b"gzip;q=0", 0),
    (b"gzip;q=0.000", 0),
    (b"gzip;q=0, gzip", 0),
    (b"*", 1000),
    (b"*;q=0.3", 300),
    (b"*;q=0, gzip;q=0.2", 200),
    (b"gzip;q=0, *", 0),
    (b"gzip;q=", 0),
    (b"gzip;q=2", 0),
    (b"gzip;q=0.1234", 0),
    (b"gzip;q=0.x", 0),
    (b"gzip;level=1", 0),
    (b"deflate", 0),
    (b"gzippo", 0),
    (b"", 0),
    (b",,;q=1,", 0),
    (None, 0),
]


@pytest.mark.parametrize(("line", "quality"), LINES)
def test_what_a_line_says_of_gzip(line, quality):
    assert accepted(line).quality(b"gzip") == quality


@pytest.mark.parametrize(("line", "quality"), LINES)
def test_a_line_says_the_same_the_second_time(line, quality):
    accepted(line)
    assert accepted(line).quality(b"gzip") == quality


@pytest.mark.parametrize(("line", "quality"), LINES)
def test_what_follows_changes_nothing(line, quality):
    followed = (line + b"," if line else b"") + b"other;q=0.9"
    assert accepted(followed).quality(b"gzip") == quality


@pytest.mark.parametrize("line", [line for line, _ in LINES if line])
def test_no_part_of_a_line_is_an_error(line):
    for end in range(len(line)):
        assert 0 <= accepted(line[:end]).quality(b"gzip") <= 1000


def test_content_as_it_is_may_be_liked_better():
    assert accepted(b"identity, gzip;q=0.5").preference(b"gzip") == 0
    assert accepted(b"identity;q=0.5, gzip").preference(b"gzip") == 1000


def test_of_a_very_long_line_the_front_is_read():
    assert accepted(b"a," * 63 + b"gzip").quality(b"gzip") == 1000
    assert accepted(b"a," * 64 + b"gzip").quality(b"gzip") == 0
    assert accepted(b"," * 8000).quality(b"gzip") == 0
