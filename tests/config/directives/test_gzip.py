"""gzip's directives."""

import pytest

from tests.support.configuration import errors, level, warnings


def value(text):
    made = level("location", text)
    return made.value(text.split()[0])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gzip on;", True),
        ("gzip_comp_level 9;", 9),
        ("gzip_min_length 1k;", 1024),
        ("gzip_types text/plain TEXT/XML;", {"text/html", "text/plain", "text/xml"}),
        ("gzip_proxied expired no-cache;", {"expired", "no-cache"}),
        ("gzip_http_version 1.0;", "1.0"),
        ("gzip_window 512;", 512),
        ("gzip_window 32k;", 32768),
    ],
)
def test_what_is_read(text, found):
    assert value(text) == found


def test_the_defaults_are_those_of_nginx():
    made = level("location", "")
    assert made.value("gzip") is False
    assert made.value("gzip_comp_level") == 1
    assert made.value("gzip_min_length") == 20
    assert made.value("gzip_types") == {"text/html"}
    assert made.value("gzip_proxied") == {"off"}
    assert made.value("gzip_vary") is False
    assert made.value("gzip_http_version") == "1.1"


def test_the_modern_preset_says_that_content_varies():
    assert level("location", "proxy_preset modern;").value("gzip_vary") is True


def test_msie6_is_a_word_and_the_rest_are_patterns():
    (line,) = level("location", "gzip_disable msie6 Bot/;").own("gzip_disable")
    word, pattern = line.value
    assert word is None
    assert pattern.search(b"a bot/1")


@pytest.mark.parametrize(
    "text",
    [
        "gzip maybe;",
        "gzip_comp_level 0;",
        "gzip_comp_level 10;",
        "gzip_window 3k;",
        "gzip_window 256;",
        "gzip_window 64k;",
        "gzip_window x;",
        "gzip_disable (;",
        "gzip_proxied sometimes;",
        "gzip_http_version 2;",
    ],
)
def test_what_is_wrong(text):
    assert errors("location", text) != []


def test_what_changes_no_answer_is_taken():
    text = "gzip_buffers 4 8k; gzip_hash 8k; gzip_no_buffer on; postpone_gzipping 0;"
    assert errors("http", text) == []
    assert warnings("http", "gzip on;") == []
