"""proxy_cache_lock: one asks for all."""

import threading

from tests.support.caching import FRESH, caching, fresh, response
from tests.support.client import Client, request
from tests.support.eventually import eventually


class Slow:
    """An origin that sends the head, and the content when it is told to."""

    def __init__(self, octets):
        self.octets = octets
        self.go_on = threading.Event()

    def __call__(self, peer):
        while True:
            peer.request()
            mark = self.octets.index(b"\r\n\r\n") + 4
            peer.send(self.octets[:mark])
            self.go_on.wait(5.0)
            peer.send(self.octets[mark:])


def test_with_a_lock_the_others_follow_the_answer_as_it_comes():
    slow = Slow(response(b"x" * 10, FRESH))
    with caching(slow, "proxy_cache_lock on;") as server:
        with Client(server.address) as one, Client(server.address) as other:
            one.send(request(b"GET", b"/"))
            server.origin.wait(1)
            other.send(request(b"GET", b"/"))
            heads = [client.reader.until(b"\r\n\r\n") for client in (one, other)]
            assert all(head.startswith(b"HTTP/1.1 200") for head in heads)
            slow.go_on.set()
            assert [client.reader.exactly(10) for client in (one, other)] == [b"x" * 10] * 2
        assert len(server.origin.requests) == 1


def test_who_waited_for_what_is_not_stored_asks_for_himself():
    slow = Slow(response(b"x", b"Cache-Control: no-store"))
    slow.go_on.set()
    with caching(slow, "proxy_cache_lock on;") as server:
        with Client(server.address) as one, Client(server.address) as other:
            one.send(request(b"GET", b"/"))
            other.send(request(b"GET", b"/"))
            assert [client.final().body for client in (one, other)] == [b"x", b"x"]
        assert len(server.origin.requests) == 2


def test_who_has_waited_long_enough_asks_for_himself_and_stores_nothing():
    first = threading.Event()

    def script(peer):
        peer.request()
        if peer.number == 0:
            first.wait(5.0)
        peer.send(fresh(b"%d" % peer.number))

    text = "proxy_cache_lock on; proxy_cache_lock_timeout 20ms;"
    with caching(script, text) as server:
        with Client(server.address) as one:
            one.send(request(b"GET", b"/"))
            server.origin.wait(1)
            assert server.ask().reason == "lock-timeout"
            first.set()
            assert one.final().body == b"0"
        eventually(lambda: server.ask().body == b"0")


def test_an_answer_that_comes_is_followed_however_old_it_is():
    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 200\r\n\r\n")
        for _ in range(200):
            peer.send(b"x")
            peer.origin.closing.wait(0.002)

    text = "proxy_cache_lock on; proxy_cache_lock_age 100ms;"
    with caching(script, text) as server, Client(server.address) as one:
        one.send(request(b"GET", b"/"))
        one.reader.until(b"x" * 100)  # a fifth of a second at least
        assert server.ask().status == "HIT"
        assert len(server.origin.requests) == 1


def test_where_nothing_comes_for_the_age_of_the_lock_the_next_one_fetches_too():
    slow = Slow(response(b"x" * 10, FRESH))
    text = "proxy_cache_lock on; proxy_cache_lock_age 50ms;"
    with caching(slow, text) as server, Client(server.address) as one:
        one.send(request(b"GET", b"/"))
        one.reader.until(b"\r\n\r\n")
        eventually(lambda: asks_anew(server))
        slow.go_on.set()


def asks_anew(server):
    """Whether one more request makes the origin be asked."""
    with Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.reader.until(b"\r\n\r\n")
    return len(server.origin.requests) >= 2
