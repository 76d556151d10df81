import pytest

from forkproxy.config.defaults import as_text, default_text
from forkproxy.config.directives import TABLE, find
from forkproxy.config.load import load_text
from forkproxy.config.row import HTTP, MAIN, UPSTREAM, Tier
from tests.support.configuration import WHOLE

ROWS = [row for rows in TABLE.values() for row in rows if row.tier is Tier.BUILT]


@pytest.mark.parametrize(
    ("name", "context", "text"),
    [
        ("client_max_body_size", HTTP, "1m"),
        ("proxy_read_timeout", HTTP, "1m"),
        ("large_client_header_buffers", HTTP, "4 8k"),
        ("keepalive_timeout", HTTP, "1m15s"),
        ("keepalive", UPSTREAM, "32"),
        ("proxy_next_upstream", HTTP, "error timeout"),
        ("etag", HTTP, "on"),
        ("worker_processes", MAIN, "1"),
        ("index", HTTP, "index.html"),
        ("types", HTTP, "text/html html; image/gif gif; image/jpeg jpg;"),
        ("resolver", HTTP, ""),
    ],
)
def test_a_default_is_shown_as_it_would_be_written(name, context, text):
    assert default_text(find(name, context)) == text


def test_a_number_that_has_a_word_is_shown_as_the_word():
    assert default_text(find("worker_processes", MAIN), modern=True) == "auto"
    assert default_text(find("worker_memory_limit", MAIN)) == "off"


def test_the_modern_default_is_the_usual_one_where_there_is_no_other():
    assert default_text(find("server_tokens", HTTP), modern=True) == "off"
    assert default_text(find("etag", HTTP), modern=True) == "on"


def test_what_has_no_words_has_no_text():
    assert as_text(find("resolver", HTTP), object()) == ""


PLACES = [place for place in WHOLE if place != "main"]
WRITABLE = [
    (row, place)
    for row in ROWS
    for place in PLACES
    if place in row.contexts and not row.block and default_text(row)
]


@pytest.mark.parametrize(("row", "place"), WRITABLE, ids=lambda one: getattr(one, "name", one))
def test_a_default_that_is_written_out_changes_nothing(row, place):
    text = WHOLE[place].format(f"{row.name} {default_text(row)};")
    if place == "upstream":
        text = text.replace("upstream u {", "upstream u { server 127.0.0.1;")
    scope = load_text(text).main.blocks("http")[0]
    for kind in {"server": ["server"], "location": ["server", "location"]}.get(place, [place]):
        if kind != "http":
            (scope,) = scope.blocks(kind)
    lines = scope.own(row.name)
    assert lines
    if row.default is not None and row.name != "index":
        assert lines[-1].value == row.default
