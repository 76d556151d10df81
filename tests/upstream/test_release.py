"""How an attempt ends: who is told, and that it is once."""

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import PeerCell
from tests.support.backends import balancing
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import hangs_up, response

PROXY = "location / { proxy_pass http://%ORIGIN%; }"


def test_a_peer_is_busy_until_the_end_of_its_answer():
    def slow(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na")
        peer.request()

    with proxying(slow, PROXY) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            eventually(lambda: server.origin.requests)
            (peer,) = server.peers()
            assert peer.active == 1
        eventually(lambda: peer.active == 0)


def test_a_peer_that_fails_is_free_again():
    with proxying(hangs_up, PROXY) as server:
        assert get(server.address).status == 502
        assert server.peers()[0].active == 0


def test_what_a_peer_has_sent_is_counted_once():
    made = cells.make(1)
    with balancing("", "a", cells=made) as inside:
        for _ in range(3):
            get(inside.address)
        first = made.peer(f"u/{inside.origins['a'].address}")
        total = made.board.total
        eventually(lambda: total(first + PeerCell.PEER_ACTIVE) == 0)
        assert total(first + PeerCell.PEER_REQUESTS) == 3
        assert total(first + PeerCell.PEER_1XX + 1) == 3
        buckets = range(first + PeerCell.PEER_BUCKETS, first + PeerCell.PEER_BUCKETS + 15)
        assert sum(total(column) for column in buckets) == 3
        assert total(first + PeerCell.PEER_RECEIVED) == 3 * len(response(b"a"))
