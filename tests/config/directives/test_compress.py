"""compress, and the directives that each coding has."""

import pytest

from tests.support.configuration import errors, level


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("compress off;", ()),
        ("compress auto;", ("zstd", "brotli", "gzip")),
        ("compress gzip zstd;", ("gzip", "zstd")),
    ],
)
def test_codings_in_order(text, found):
    assert level("http", text).value("compress") == found


def test_compress_brings_types_lengths_and_levels():
    made = level("http", "compress auto;")
    for coding, number in (("gzip", 1), ("brotli", 4), ("zstd", 3)):
        assert made.value(coding) is True
        assert made.value(f"{coding}_comp_level") == number
        assert made.value(f"{coding}_min_length") == 256
        assert "application/json" in made.value(f"{coding}_types")
    assert "text/event-stream" in made.value("gzip_types")
    assert "text/event-stream" not in made.value("zstd_types")


def test_what_is_given_goes_before():
    made = level("http", "compress auto; brotli off; zstd_comp_level 19; gzip_types text/xml;")
    assert made.value("brotli") is False
    assert made.value("zstd_comp_level") == 19
    assert made.value("gzip_types") == {"text/html", "text/xml"}


def test_the_defaults_are_those_of_the_modules():
    made = level("http", "")
    for coding, number in (("gzip", 1), ("brotli", 6), ("zstd", 1)):
        assert made.value(coding) is False
        assert made.value(f"{coding}_comp_level") == number
        assert made.value(f"{coding}_min_length") == 20
        assert made.value(f"{coding}_types") == {"text/html"}
        assert made.value(f"{coding}_static") == "off"
    assert made.value("brotli_window") == 512 << 10


@pytest.mark.parametrize(
    "text",
    [
        "compress deflate;",
        "compress on;",
        "compress auto gzip;",
        "brotli_comp_level 12;",
        "brotli_window 3k;",
        "brotli_window 32m;",
        "brotli_window x;",
        "zstd_comp_level 0;",
        "zstd_comp_level 23;",
        "zstd_static sometimes;",
    ],
)
def test_what_is_wrong(text):
    assert errors("http", text) != []


def test_what_changes_no_answer_is_taken():
    assert errors("http", "brotli_buffers 16 8k; zstd_buffers 32 4k;") == []
