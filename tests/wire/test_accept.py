"""Accept: what a client would rather have."""

import pytest

from forkproxy.wire.accept import preference

BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("line", "html", "json"),
    [
        (None, 1000, 1000),
        (b"*/*", 1000, 1000),
        (BROWSER, 1000, 800),
        (b"application/json", 0, 1000),
        (b"Application/JSON", 0, 1000),
        (b"application/json, text/plain, */*", 1000, 1000),
        (b"application/json, */*;q=0.5", 500, 1000),
        (b"text/*, application/json;q=0.25", 1000, 250),
        (b"application/*;q=0.4, text/html;level=1;q=0.3", 300, 400),
        (b"application/json;q=0", 0, 0),
        (b"application/json;q=2", 0, 0),
        (b"application/json;q=0.1234", 0, 0),
        (b"application/json;q=x", 0, 0),
        (b"application/json;q=1.", 0, 1000),
        (b"", 0, 0),
        (b",;,", 0, 0),
        (b"text/html;q=0.1, text/html", 100, 0),
    ],
)
def test_the_most_specific_range_counts(line, html, json):
    assert preference(line, b"text/html") == html
    assert preference(line, b"application/json") == json


def test_of_an_endless_line_the_beginning_counts():
    assert preference(b"a/b," * 100 + b"text/html", b"text/html") == 0
