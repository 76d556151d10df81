"""WebSockets through the proxy, asked for as nginx's documentation says."""

import os
import threading

import pytest

from tests.conftest import installed
from tests.support.client import Client
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, response
from tests.support.proxy import Nginx, Proxy, serving
from tests.support.websocket import WebSocket, echo

HTTP = """
    map $http_upgrade $connection_upgrade { default upgrade; "" close; }
    proxy_read_timeout 60s;
"""

SERVER = """
        location / {
            proxy_pass http://%ORIGIN%;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }
        location /unasked/ { proxy_pass http://%ORIGIN%; }
        location /short/ {
            proxy_pass http://%ORIGIN%;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_read_timeout 300ms;
        }
"""


@pytest.fixture(scope="module", params=[Nginx, Proxy], ids=lambda kind: kind.name)
def server(request):
    kind = installed(request.param)
    conf = serving(SERVER, http=HTTP)
    with Origin(echo) as origin, kind(conf, ORIGIN=origin.address) as server:
        server.origin = origin
        yield server
        assert origin.faults == []


@pytest.fixture(autouse=True)
def fresh(server):
    """Each test begins with an origin that echoes, and no connection kept to it."""
    for peer in server.origin.peers:
        peer.leave()
    server.origin.script = echo


@pytest.fixture
def client(server):
    with Client(server.address) as client:
        yield client


def test_the_handshake_passes_both_ways(server, client):
    socket = WebSocket(client, b"/", b"Sec-WebSocket-Protocol: chat")
    assert socket.response.line == b"HTTP/1.1 101 Switching Protocols"
    assert socket.response.get(b"upgrade") == b"websocket"
    assert socket.response.get(b"connection").lower() == b"upgrade"
    assert server.origin.last.get(b"upgrade") == b"websocket"
    assert server.origin.last.get(b"connection").lower() == b"upgrade"
    assert server.origin.last.get(b"sec-websocket-protocol") == b"chat"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 3_000_000])
def test_frames_of_any_size_come_back(client, size):
    payload = os.urandom(size)
    assert WebSocket(client).ask(payload) == payload


def test_many_frames_keep_their_order(client):
    socket = WebSocket(client)
    for number in range(200):
        socket.send(b"%d" % number)
    assert [socket.receive() for _ in range(200)] == [b"%d" % number for number in range(200)]


def test_what_the_client_sends_with_its_handshake_is_not_lost(server):
    """The first frame in the same segment as the request."""

    def speaks_after_a_word(peer):
        peer.request()
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
        peer.send(peer.reader.exactly(5))

    server.origin.script = speaks_after_a_word
    with Client(server.address) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello")
        assert client.response().status == 101
        assert client.reader.exactly(5) == b"hello"


def test_what_the_upstream_sends_with_its_answer_is_not_lost(server):
    def speaks_first(peer):
        peer.request()
        peer.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello"
        )
        peer.gone()

    server.origin.script = speaks_first
    with Client(server.address) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
        assert client.response().status == 101
        assert client.reader.exactly(5) == b"hello"


def test_a_clean_end_from_the_client(server, client):
    peers = len(server.origin.peers)
    WebSocket(client).close()
    eventually(server.origin.peers[peers].closed)


def test_the_upstreams_end_is_the_clients(server):
    server.origin.script = answers(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", close=True
    )
    with Client(server.address) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
        assert client.response().status == 101
        assert client.closed()


def test_a_client_that_vanishes_takes_the_tunnel_along(server, client):
    peers = len(server.origin.peers)
    WebSocket(client)
    client.reset()
    eventually(server.origin.peers[peers].closed)


def test_an_upstream_may_refuse(server):
    server.origin.script = answers(response(b"no", status=b"403 Forbidden"))
    with Client(server.address) as client:
        assert WebSocket(client).response.status == 403


def test_where_nobody_asked_for_upgrades_none_is_asked_of_the_upstream(server):
    server.origin.script = answers(response(b"plain"))
    with Client(server.address) as client:
        assert WebSocket(client, b"/unasked/").response.body == b"plain"
    assert b"upgrade" not in server.origin.last


def test_a_silent_tunnel_ends_after_proxy_read_timeout(client):
    socket = WebSocket(client, b"/short/")
    assert socket.ask(b"awake") == b"awake"
    assert client.closed()


def test_tunnels_in_parallel(server):
    wrong = []

    def converse(number):
        with Client(server.address, timeout=20) as client:
            socket = WebSocket(client)
            for turn in range(50):
                payload = b"%d of %d" % (turn, number)
                if socket.ask(payload) != payload:
                    wrong.append(payload)
            socket.close()

    threads = [threading.Thread(target=converse, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert wrong == []
    assert not any(thread.is_alive() for thread in threads)
