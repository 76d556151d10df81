"""Purges and pins, as they are ordered, and what is said of them."""

import dataclasses

import pytest

from forkproxy.keeper.cache_orders import CacheRefusedError
from forkproxy.keeper.caches import answer
from tests.support.caching import FRESH, answers, caching, response


@pytest.fixture
def server():
    script = answers(response(b"12345", FRESH, b"Cache-Tag: t"))
    with caching(script, http="proxy_cache_key $uri;") as made:
        made.ask(b"/a")
        made.settle()
        yield made


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
    [
        ["purge", "none", "all"],
        ["purge", "one", "color"],
        ["purge", "one", "all", "", "soon"],
        ["pin", "one", "all", "", "soon"],
        ["pin", "one", "color"],
    ],
)
def test_what_makes_no_sense_is_refused(server, words):
    with pytest.raises(CacheRefusedError):
        answer(words)


def test_many_purges_are_one_answer(server):
    kinds = '[["tag", "t"], ["key", "/b"]]'
    assert answer(["purges", "one", kinds, "dry"]) == {"purged": 1, "soft": False, "dry_run": True}
    assert answer(["purges", "one", kinds]) == {"purged": 1, "soft": False, "dry_run": False}
    assert server.keys() == []


def test_pins_are_made_and_let_go_by_what_is_chosen(server):
    assert answer(["pin", "one", "tag", "t"]) == {"pinned": {"one": 1}, "mode": "pin"}
    assert answer(["pin", "one", "key", "/none"])["pinned"] == {"one": 0}
    assert answer(["pins", "one", '[["tag", "t"], ["key", "/a"]]']) == {"pinned": 2}
    assert answer(["pins", "one", '[["all", ""]]', "unpin"]) == {"unpinned": 1}


def test_a_zone_that_is_full_of_pins_says_so(server):
    server.zone.take_over(dataclasses.replace(server.zone.settings, max_size=8))
    with pytest.raises(CacheRefusedError, match="one: 0 octets are pinned, and at the most 6 may"):
        answer(["pin", "one", "key", "/a"])
