"""forkproxy cache: what is asked of the master, and how the answer is shown."""

import argparse

import pytest

from forkproxy.cli.cache import question, text
from forkproxy.cli.ctl import OrderError

EMPTY = dict.fromkeys(("zone", "what", "tag", "host")) | dict.fromkeys(
    ("all", "soft", "dry_run", "pinned"), False
)


def asked(action, **given):
    return question(argparse.Namespace(action=action, **{**EMPTY, **given}))


@pytest.mark.parametrize(
    ("action", "given", "words"),
    [
        ("stat", {}, ["cache-stat", "-"]),
        ("ls", {"zone": "one", "what": "http"}, ["cache-ls", "one", "http"]),
        ("ls", {}, ["cache-ls", "-"]),
        ("ls", {"tag": "t"}, ["cache-ls", "-", "", "t"]),
        ("ls", {"pinned": True}, ["cache-ls", "-", "", "", "", "pinned"]),
        ("why", {"what": "/a"}, ["cache-why", "/a"]),
        ("purge", {"what": "k"}, ["cache-purge", "-", "key", "k", "hard"]),
        ("purge", {"what": "k*", "soft": True}, ["cache-purge", "-", "prefix", "k", "soft"]),
        ("purge", {"tag": "t", "dry_run": True}, ["cache-purge", "-", "tag", "t", "dry"]),
        ("purge", {"host": "h"}, ["cache-purge", "-", "host", "h", "hard"]),
        ("pin", {"what": "k*"}, ["cache-pin", "-", "prefix", "k", "pin"]),
        ("unpin", {"all": True}, ["cache-pin", "-", "all", "", "unpin"]),
        ("purge", {"all": True, "zone": "one"}, ["cache-purge", "one", "all", "", "hard"]),
    ],
)
def test_a_question_in_the_masters_words(action, given, words):
    method = "POST" if action in ("purge", "pin", "unpin") else "GET"
    assert asked(action, **given) == (method, words)


@pytest.mark.parametrize("given", [{}, {"what": "k", "all": True}, {"tag": "t", "all": True}])
def test_a_purge_says_one_thing(given):
    with pytest.raises(OrderError):
        asked("purge", **given)


def test_why_needs_a_url():
    with pytest.raises(OrderError):
        asked("why")


def test_a_purge_is_shown_by_cache():
    assert text("purge", {"purged": {"one": 3}, "mode": "dry"}) == "one: 3 would go"
    assert text("purge", {"purged": {"one": 3}, "mode": "hard"}) == "one: 3 are gone"


def test_a_pin_is_shown_by_cache():
    assert text("pin", {"pinned": {"one": 3}}) == "one: 3 are pinned"
    assert text("unpin", {"pinned": {"one": 3}}) == "one: 3 are no longer"


def test_what_is_pinned_is_told_where_something_is():
    one = {"entries": 2, "size": 30, "max_size": 100, "answers": {}, "stored": 0, "not_stored": {}}
    for entries, expected in ((0, False), (1, True)):
        pinned = {"entries": entries, "size": 10, "max_size": 75}
        shown = text("stat", {"one": {**one, "pinned": pinned}})
        assert ("pinned       1, 10 octets of 75" in shown) == expected


def test_a_url_that_nothing_is_known_of():
    assert text("why", {"stored": [], "not_stored": []}) == "neither stored nor lately refused"
