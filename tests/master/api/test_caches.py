import json

import pytest

from tests.support.administration import Master, call

ONE = "/api/9/forkproxy/cache/one"


@pytest.fixture
def master():
    return Master([("cache", "one")])


@pytest.mark.parametrize(
    ("body", "kinds", "mode"),
    [
        ({"tags": ["a", "b"]}, [["tag", "a"], ["tag", "b"]], "hard"),
        ({"prefixes": ["/img/"], "soft": True}, [["prefix", "/img/"]], "soft"),
        ({"urls": ["httph/x"], "dry_run": True, "soft": True}, [["key", "httph/x"]], "dry"),
        ({"hosts": ["h"]}, [["host", "h"]], "hard"),
        ({"files": ["httph/x"]}, [["key", "httph/x"]], "hard"),
        ({"purge_everything": True}, [["all", ""]], "hard"),
        ({"everything": True, "tags": ["a"]}, [["all", ""], ["tag", "a"]], "hard"),
    ],
)
def test_a_purge_is_what_the_keeper_is_asked(master, body, kinds, mode):
    assert call(master, "POST", f"{ONE}/purge", json.dumps(body).encode()) is None
    ((order, words, client),) = master.asked
    assert (order, client) == ("cache", 7)
    assert [*words[:2], json.loads(words[2]), words[3]] == ["purges", "one", kinds, mode]


@pytest.mark.parametrize("verb", ["pin", "unpin"])
def test_a_pin_is_what_the_keeper_is_asked(master, verb):
    assert call(master, "POST", f"{ONE}/{verb}", b'{"tags": ["a"], "hosts": ["h"]}') is None
    ((_, words, _),) = master.asked
    kinds = [["tag", "a"], ["host", "h"]]
    assert [*words[:2], json.loads(words[2]), words[3]] == ["pins", "one", kinds, verb]


def test_entries_are_listed_by_prefix_and_tag(master):
    assert call(master, "GET", f"{ONE}/entries?prefix=/img/&tag=a&limit=5") is None
    assert call(master, "GET", f"{ONE}/entries") is None
    assert call(master, "GET", f"{ONE}/entries?pinned=1") is None
    assert [words for _, words, _ in master.asked] == [
        ["ls", "one", "/img/", "a", "5", ""],
        ["ls", "one", "", "", "", ""],
        ["ls", "one", "", "", "", "1"],
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", ONE.replace("one", "none") + "/purge", b"{}", (404, "CacheNotFound")),
        ("GET", ONE.replace("one", "none") + "/entries", b"", (404, "CacheNotFound")),
        ("GET", ONE + "/purge", b"", (405, "MethodDisabled")),
        ("GET", ONE + "/entries?limit=x", b"", (400, "BadArguments")),
        ("POST", ONE + "/purge", b"", (400, "BodyReadError")),
        ("POST", ONE + "/purge", b"{", (415, "JsonError")),
        ("POST", ONE + "/purge", b"{}", (400, "BadArguments")),
        ("POST", ONE + "/purge", b'{"colors": ["h"]}', (400, "BadArguments")),
        ("POST", ONE + "/pin", b"{}", (400, "BadArguments")),
        ("POST", ONE + "/pin", b'{"tags": ["a"], "soft": true}', (400, "BadArguments")),
        ("GET", ONE + "/unpin", b"", (405, "MethodDisabled")),
        ("POST", ONE + "/purge", b'{"tags": "a"}', (400, "BadArguments")),
        ("POST", ONE + "/purge", b'{"tags": [""]}', (400, "BadArguments")),
        ("POST", ONE + "/purge", b'{"tags": ["a"], "soft": 1}', (400, "BadArguments")),
    ],
)
def test_what_is_wrong_is_refused(master, method, path, body, expected):
    status, data = call(master, method, path, body)
    assert (status, data["error"]["code"]) == expected
    assert master.asked == []


def test_where_one_may_only_look_nothing_is_purged(master):
    status, data = call(master, "POST", f"{ONE}/purge", b'{"everything": true}', write=False)
    assert (status, data["error"]["code"]) == (405, "MethodDisabled")
