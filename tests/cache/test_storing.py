"""A complete answer goes into the store; where it may not, nothing of it is left behind."""

import os
import threading

from forkproxy.cache.job import Job
from forkproxy.cache.scribe import scribe
from tests.support.caching import answers, caching, fresh

LARGE = b"x" * 300_000  # beyond what lies in the store itself


def test_what_is_stored_is_counted_once():
    with caching(answers(fresh(b"four"))) as server:
        server.ask()
        server.settle()
        counts = server.zone.counts()
    assert counts["stored"] == 1
    assert counts["written"]["miss"] == {"responses": 1, "bytes": 4}


def test_what_is_purged_on_its_way_is_not_stored_nor_is_its_file():
    with caching(answers(fresh(LARGE), fresh(LARGE)), http="proxy_cache_key $uri;") as server:
        server.ask(b"/first")
        server.settle()  # the store is open
        go_on = threading.Event()
        scribe.submit(Job(server.zone, 0, lambda _: go_on.wait(5.0), lambda _: None))
        server.ask(b"/large")
        server.zone.note_purge()
        go_on.set()
        assert server.keys() == [b"/first"]
        assert server.zone.counts()["not_stored"] == {"purged-meanwhile": 1}
        assert len([name for _, _, names in os.walk(server.zone.bodies) for name in names]) == 1
