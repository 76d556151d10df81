import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy import units


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("0", 0),
        ("1", 1),
        ("512", 512),
        ("1k", 1024),
        ("8K", 8192),
        ("1m", 1 << 20),
        ("2M", 2 << 20),
    ],
)
def test_a_size_is_octets_kilobytes_or_megabytes(text, octets):
    assert units.parse_size(text) == octets
    assert units.parse_offset(text) == octets


def test_only_an_offset_may_be_gigabytes():
    assert units.parse_offset("2g") == 2 << 30
    with pytest.raises(ValueError):
        units.parse_size("2g")


@pytest.mark.parametrize("text", ["", "k", "-1", "1.5m", "1kb", "1 k", "0x10", "\uff11", "9" * 30])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError):
        units.parse_offset(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("30s", 30),
        ("500ms", 0.5),
        ("1s500ms", 1.5),
        ("1m30s", 90),
        ("1m30", 90),
        ("1h30m", 5400),
        ("1d12h", 129600),
        ("1d 12h", 129600),
        ("1h 30m", 5400),
        ("1w", 604800),
        ("1h ", 3600),
    ],
)
def test_a_duration_adds_its_parts_up(text, seconds):
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "ms", "1x", "30s1m", "1m1m", "5ms1s", "-1", "1.5s", "1 s"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        units.parse_duration(text)


def test_only_whole_seconds_know_years_and_months():
    assert units.parse_duration("1y1M", whole_seconds=True) == 395 * 86400
    for text in ("1y", "1M"):
        with pytest.raises(ValueError):
            units.parse_duration(text)


def test_whole_seconds_know_no_milliseconds():
    with pytest.raises(ValueError):
        units.parse_duration("5ms", whole_seconds=True)


@given(st.integers(0, 2**50))
def test_a_size_that_is_written_reads_back(octets):
    assert units.parse_offset(units.format_size(octets)) == octets


@given(st.integers(0, 10**10))
def test_a_duration_that_is_written_reads_back(milliseconds):
    seconds = milliseconds / 1000
    assert units.parse_duration(units.format_duration(seconds)) == seconds


def test_sizes_and_durations_are_written_as_short_as_they_can_be():
    assert units.format_size(10 << 20) == "10m"
    assert units.format_duration(5400) == "1h30m"
    assert units.format_duration(0) == "0s"
