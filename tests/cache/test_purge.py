"""Purges by key, prefix and tag, of everything; hard and soft."""

import pytest

from forkproxy.cache import choice, purge
from forkproxy.cache.scribe import scribe
from tests.support.caching import FRESH, answers, caching, response


@pytest.fixture
def server():
    script = answers(response(b"", FRESH, b"Cache-Tag: all"))
    with caching(script, http="proxy_cache_key $uri;") as made:
        made.statuses(b"/a", b"/a/b", b"/c")
        made.settle()
        yield made


def purged(server, kind):
    outcome = []
    assert purge.submit(server.zone, kind, outcome.append)
    scribe.flush(5.0)
    return outcome[0]


@pytest.mark.parametrize(
    ("kind", "count", "left"),
    [
        (purge.one(b"/a", False), 1, [b"/a/b", b"/c"]),
        (purge.one(b"/none", False), 0, [b"/a", b"/a/b", b"/c"]),
        (purge.chosen(choice.of_prefix(b"/a"), False), 2, [b"/c"]),
        (purge.chosen(choice.of_tag(b"ALL"), False), 3, []),
        (purge.chosen(choice.of_tag(b"none"), False), 0, [b"/a", b"/a/b", b"/c"]),
        (purge.everything(False), 3, []),
    ],
)
def test_a_purge_takes_what_it_names(server, kind, count, left):
    assert purged(server, kind) == count
    assert server.keys() == left


def test_a_soft_purge_leaves_answers_that_are_stale(server):
    assert purged(server, purge.everything(True)) == 3
    assert server.ask(b"/a").status == "EXPIRED"


def test_ten_thousand_go_by_their_tag_within_a_second(server):
    with server.zone.store.reading() as tables:
        octets = tables.entries.get(b"/a")
    purged(server, lambda shelf: [shelf.put(b"/%d" % number, octets) for number in range(10_000)])
    began = purge.clock.monotonic()
    assert purged(server, purge.chosen(choice.of_tag(b"all"), False)) == 10_003
    assert purge.clock.monotonic() - began < 1.0
