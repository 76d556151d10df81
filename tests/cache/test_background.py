"""Updates behind the client's back."""

import threading

from tests.support.caching import STALE, answers, caching, fresh, response
from tests.support.eventually import eventually

OLD = response(b"old", STALE, b"Cache-Control: stale-while-revalidate=2000000000")


def test_the_stale_answer_is_served_and_fetched_anew():
    with caching(answers(OLD, fresh(b"new")), "proxy_cache_background_update on;") as server:
        server.ask()
        stale = server.ask()
        assert (stale.status, stale.body) == ("STALE", b"old")
        eventually(lambda: server.ask().body == b"new")
        assert server.ask().status == "HIT"


def test_only_one_update_is_under_way():
    go_on = threading.Event()

    def script(peer):
        peer.request()
        peer.send(OLD)
        peer.request()
        go_on.wait(5.0)
        peer.send(fresh(b"new"))

    with caching(script, "proxy_cache_background_update on;") as server:
        server.ask()
        assert server.ask().status == "STALE"
        server.origin.wait(2)
        assert [server.ask().status for _ in range(3)] == ["UPDATING"] * 3
        assert len(server.origin.requests) == 2
        go_on.set()
        eventually(lambda: server.ask().body == b"new")


def test_by_the_rfc_stale_while_revalidate_is_enough():
    old = response(b"old", b"Cache-Control: max-age=0, stale-while-revalidate=60")
    with caching(answers(old, fresh(b"new")), "proxy_cache_rfc on;") as server:
        server.ask()
        assert server.ask().body == b"old"
        eventually(lambda: server.ask().body == b"new")
