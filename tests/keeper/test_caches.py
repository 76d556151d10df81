"""What people ask and order about caches."""

import pytest

from forkproxy.keeper.caches import CacheRefusedError, answer
from tests.support.caching import FRESH, answers, caching, response


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


def test_why_tells_what_is_stored_and_what_was_refused(server):
    (stored,) = answer(["why", "http://host/a"])["stored"]
    assert stored["key"] == "/a"
    (refused,) = answer(["why", "/refused"])["not_stored"]
    assert refused["reason"] == "no-store"


@pytest.mark.parametrize(
    ("words", "count", "left"),
    [
        (["key", "/a", "dry"], 1, True),
        (["prefix", "/", "dry"], 1, True),
        (["tag", "T", "dry"], 1, True),
        (["all", "", "dry"], 1, True),
        (["tag", "t", "soft"], 1, True),
        (["tag", "t", "hard"], 1, False),
        (["key", "/b", "hard"], 0, True),
    ],
)
def test_purges_are_done_or_only_counted(server, words, count, left):
    assert answer(["purge", "one", *words])["purged"] == {"one": count}
    assert (server.keys() != []) == left


@pytest.mark.parametrize(
    "words",
    [["purge", "none", "all"], ["purge", "one", "color"], ["purge", "one", "all", "", "soon"]],
)
def test_what_makes_no_sense_is_refused(server, words):
    with pytest.raises(CacheRefusedError):
        answer(words)


def test_ls_lists_what_has_a_tag_and_no_more_than_is_asked_for(server):
    assert len(answer(["ls", "one", "", "T", ""])["entries"]) == 1
    assert answer(["ls", "one", "", "u", ""])["entries"] == []
    assert answer(["ls", "one", "", "", "0"]) == {"entries": [], "more": True}


def test_many_purges_are_one_answer(server):
    kinds = '[["tag", "t"], ["key", "/b"]]'
    assert answer(["purges", "one", kinds, "dry"]) == {"purged": 1, "soft": False, "dry_run": True}
    assert answer(["purges", "one", kinds]) == {"purged": 1, "soft": False, "dry_run": False}
    assert server.keys() == []
