"""What people ask and order about caches."""

import pytest

from forkproxy.cli.cache import text
from forkproxy.keeper.caches import answer
from tests.support.caching import FRESH, answers, caching, response
from tests.support.ranges import CONTENT, PARTS, RangeOrigin, ranged


@pytest.fixture
def server():
    script = answers(
        response(b"12345", FRESH, b"Cache-Tag: t"), response(b"", b"Cache-Control: no-store")
    )
    with caching(script, http="proxy_cache_key $uri;") as made:
        made.statuses(b"/a", b"/refused", b"/a")
        made.settle()
        yield made


def test_stat_tells_sizes_and_counts(server):
    found = answer(["stat", "one"])["one"]
    assert (found["entries"], found["stored"], found["open"]) == (1, 1, True)
    assert found["answers"]["hit"]["responses"] == 1
    assert found["not_stored"] == {"no-store": 1}


def test_ls_lists_what_begins_so(server):
    (found,) = answer(["ls", "one", "/"])["entries"]
    assert (found["key"], found["octets"], found["tags"]) == ("/a", 5, ["t"])
    assert answer(["ls", "one", "/b"])["entries"] == []


def test_ls_tells_which_parts_there_are():
    with caching(RangeOrigin(CONTENT), PARTS, http="proxy_cache_key $uri;") as made:
        ranged(made, b"0-99")
        made.settle()
        ranged(made, b"1000-1999")
        made.settle()
        (found,) = answer(["ls", "one"])["entries"]
        assert (found["octets"], found["parts"]) == (10240, ["0-99", "1000-1999"])
        assert "only 0-99,1000-1999 of 10240" in text("ls", {"entries": [found], "more": False})


def test_why_tells_what_is_stored_and_what_was_refused(server):
    (stored,) = answer(["why", "http://host/a"])["stored"]
    assert stored["key"] == "/a"
    (refused,) = answer(["why", "/refused"])["not_stored"]
    assert refused["reason"] == "no-store"


def test_why_looks_into_keys_where_none_ends_so(server):
    (refused,) = answer(["why", "/refus"])["not_stored"]
    assert refused["key"] == "/refused"
    assert answer(["why", "/none"]) == {"url": "/none", "stored": [], "not_stored": []}


def test_ls_shows_what_is_pinned_and_stat_how_much(server):
    assert "pinned" not in answer(["ls", "one"])["entries"][0]
    assert answer(["ls", "one", "", "", "", "pinned"])["entries"] == []
    answer(["pin", "one", "key", "/a"])
    (found,) = answer(["ls", "one", "", "", "", "pinned"])["entries"]
    assert (found["key"], found["pinned"]) == ("/a", True)
    assert answer(["stat", "one"])["one"]["pinned"]["entries"] == 1


def test_ls_lists_what_has_a_tag_and_no_more_than_is_asked_for(server):
    assert len(answer(["ls", "one", "", "T", ""])["entries"]) == 1
    assert answer(["ls", "one", "", "u", ""])["entries"] == []
    assert answer(["ls", "one", "", "", "0"]) == {"entries": [], "more": True}
