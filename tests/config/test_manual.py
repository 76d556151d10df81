from pathlib import Path

import pytest

from forkproxy.config.directives import TABLE
from forkproxy.config.manual import entry, names, page
from forkproxy.config.row import Tier

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_in_docs_is_up_to_date():
    said = "write it anew: python -m forkproxy help --manual > docs/directives.md"
    assert (DOCS / "directives.md").read_text() == page() + "\n", said


def test_the_page_names_every_directive():
    text = page()
    assert not [name for name in names() if f"`{name}`" not in text]


def test_every_directive_that_does_something_says_what():
    rows = [row for rows in TABLE.values() for row in rows if row.tier is Tier.BUILT]
    assert not [row.name for row in rows if not row.manual]


def test_an_entry_has_all_that_the_table_says():
    assert entry("proxy_read_timeout").splitlines() == [
        "proxy_read_timeout: implemented",
        "  time between two pieces of a response",
        "  arguments: 1",
        "  context:   http, server, location",
        "  default:   1m",
        "  inherited: the nearest level that gives it counts",
    ]


def test_a_name_that_means_two_things_has_two_entries():
    assert [line for line in entry("server").splitlines() if line.startswith("  context")] == [
        "  context:   http",
        "  context:   upstream",
    ]


def test_a_refused_directive_says_why_and_what_to_do_instead():
    text = entry("content_by_lua_block")
    assert "content_by_lua_block: refused\n" in text
    assert "  reason:    forkproxy runs no Lua\n" in text


def test_an_accepted_directive_says_that_it_does_nothing():
    assert entry("tcp_nopush").startswith("tcp_nopush: accepted without effect")


def test_the_default_of_the_modern_profile_stands_beside_the_other():
    assert "  default:   on\n  modern:    off\n" in entry("server_tokens")


def test_an_unknown_name_raises_with_what_was_meant():
    with pytest.raises(KeyError, match="proxy_pass"):
        entry("proxy_pas")
