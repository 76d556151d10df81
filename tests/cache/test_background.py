"""Updates behind the client's back."""

import threading

from tests.support.caching import STALE, answers, caching, fresh, response
from tests.support.client import Client, request
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


def test_what_follows_a_stale_include_is_not_kept_waiting():
    go_on = threading.Event()

    def script(peer):
        page = b'<!--#include virtual="/one" --> and more'
        while True:
            if peer.request().target == b"/page":
                peer.send(response(page, b"Content-Type: text/html"))
            elif not peer.origin.requests[2:]:
                peer.send(OLD)
            else:
                go_on.wait(5.0)
                peer.send(fresh(b"new"))

    text = "proxy_cache_background_update on; ssi on;"
    with caching(script, text, http="proxy_cache_key $uri;") as server:
        server.ask(b"/one")
        server.settle()
        with Client(server.address) as client:
            client.send(request(b"GET", b"/page", b"Connection: close"))
            assert client.response().body == b"old and more"
        go_on.set()
