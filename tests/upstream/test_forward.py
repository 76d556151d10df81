"""The proxy handler: attempts, connections that went stale, clients that leave."""

import threading

import pytest

from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside, proxying
from tests.support.origin import Origin, echo, hangs_up, response


def stale(peer):
    """Answer once; close when the connection is used again, as if it had been idle too long."""
    peer.request()
    peer.send(response(b"first"))
    peer.request()


@pytest.mark.parametrize("tries", [0, 1])
def test_a_stale_connection_is_nobodys_fault(tries):
    conf = f"location / {{ proxy_next_upstream_tries {tries}; proxy_pass http://%ORIGIN%; }}"
    with proxying(stale, conf) as server:
        assert [get(server.address).body for _ in range(3)] == [b"first"] * 3
        assert "[error]" not in server.errors()


def test_a_post_on_a_stale_connection_is_not_repeated():
    with proxying(stale, "location / { proxy_pass http://%ORIGIN%; }") as server:
        get(server.address)
        assert ask(server.address, request(b"POST", b"/", body=b"x")).status == 502
        assert [asked.method for asked in server.origin.requests] == [b"GET", b"POST"]


def test_a_peer_that_is_not_there_is_a_502_with_a_reason():
    with Origin(echo) as gone:
        address = gone.address
    with Inside(f"location / {{ proxy_pass http://{address}; }}") as server:
        assert get(server.address).status == 502
        line = server.errors()
        assert "connect() failed (111: Connection refused)" in line
        assert f'upstream: "http://{address}/"' in line


def test_an_upstream_is_hidden_from_clients():
    with proxying(hangs_up, "location / { proxy_pass http://%ORIGIN%; }") as server:
        answer = get(server.address)
        assert b"%d" % server.origin.port not in answer.raw


def test_a_client_that_leaves_takes_its_attempt_along_unless_it_is_ignored():
    conf = "location / { proxy_ignore_client_abort on; proxy_pass http://%ORIGIN%; }"

    def slow(peer):
        peer.request()
        peer.origin.left.wait(5)
        peer.send(response(b"x"))
        peer.request()

    with proxying(
        slow, conf + "access_log logs/access.log shown;", http="log_format shown x;"
    ) as server:
        server.origin.left = threading.Event()
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            server.origin.wait(1)
        server.origin.left.set()
        server.lines()
        eventually(lambda: server.peers()[0].active == 0, what="the attempt is over")
        assert not server.origin.peers[0].closed()
