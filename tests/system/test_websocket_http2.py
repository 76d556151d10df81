"""WebSockets over a stream of HTTP/2 (RFC 8441), to an upstream that speaks HTTP/1.1."""

import os

import h2.settings
import pytest

from tests.support.eventually import eventually
from tests.support.http2 import Client2
from tests.support.inside import Inside
from tests.support.origin import Origin, answers, response
from tests.support.tls import client_context, server_lines
from tests.support.websocket import WebSocket2, echo

SERVER = """
    listen %PORT% ssl; http2 on; access_log logs/access.log; proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
    location / { proxy_pass http://%ORIGIN%; }
    location /short/ { proxy_pass http://%ORIGIN%; proxy_read_timeout 300ms; }
    location /unasked/ { proxy_pass http://%ORIGIN%; proxy_set_header Upgrade ""; }
    location /plain { return 200 plain; }
"""


@pytest.fixture(scope="module")
def server():
    text = f"server {{ {server_lines()} {SERVER} }}"
    with Origin(echo) as origin, Inside(text, ORIGIN=origin.address) as inside:
        inside.origin = origin
        yield inside
        assert origin.faults == []


@pytest.fixture(autouse=True)
def fresh(server):
    """Each test begins with an origin that echoes, and no connection kept to it."""
    for peer in server.origin.peers:
        peer.leave()
    server.origin.script = echo
    server.origin.requests.clear()


@pytest.fixture
def client(server):
    with by_tls(server) as client:
        yield client


def by_tls(server):
    """Return a client that has seen the server's settings."""
    context = client_context(protocols=["h2"])
    client = Client2(
        server.address, wrap=lambda sock: context.wrap_socket(sock, server_hostname="localhost")
    )
    client.until(lambda: client.conn.remote_settings.enable_connect_protocol)
    return client


def test_that_it_may_be_asked_for_is_among_our_settings(client):
    code = h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL
    assert client.conn.remote_settings[code] == 1


def test_the_upstream_is_asked_as_http1_asks(server, client):
    socket = WebSocket2(client, "/chat?room=1", (b"sec-websocket-protocol", b"chat"))
    assert socket.answer.status == 200
    assert socket.answer.get(b"upgrade") is None
    assert socket.answer.get(b"connection") is None
    asked = server.origin.last
    assert asked.line == b"GET /chat?room=1 HTTP/1.1"
    assert asked.get(b"upgrade") == b"websocket"
    assert asked.get(b"sec-websocket-protocol") == b"chat"
    assert asked.get(b"sec-websocket-version") == b"13"
    assert len(asked.get(b"sec-websocket-key")) == 24
    assert b"content-length" not in asked
    assert b"transfer-encoding" not in asked
    socket.close()


def test_messages_go_both_ways_until_both_sides_have_said_goodbye(server, client):
    socket = WebSocket2(client)
    for number in range(50):
        payload = b"%d" % number
        assert socket.ask(payload) == payload
    socket.close()
    assert socket.answer.ended
    assert socket.answer.reset is None
    eventually(server.origin.peers[-1].closed)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 1_000_000])
def test_frames_of_any_size_come_back(client, size):
    payload = os.urandom(size)
    assert WebSocket2(client).ask(payload) == payload


def test_a_message_may_come_with_the_request(server, client):
    server.origin.script = late_to_accept
    assert WebSocket2(client, early=b"early").exactly(5) == b"early"


def late_to_accept(peer):
    peer.request()
    peer.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    )
    peer.send(peer.reader.exactly(5))


def test_several_share_a_connection_with_each_other_and_with_requests(client):
    sockets = [WebSocket2(client) for _ in range(5)]
    for turn in range(10):
        for number, socket in enumerate(sockets):
            socket.send(b"%d of %d" % (turn, number))
        assert client.get("/plain", authority="localhost").body == b"plain"
    for number, socket in enumerate(sockets):
        for turn in range(10):
            assert socket.receive() == b"%d of %d" % (turn, number)
        socket.close()


def test_an_upstream_may_refuse(server, client):
    server.origin.script = answers(response(b"no", status=b"403 Forbidden"))
    socket = WebSocket2(client)
    client.until(lambda: socket.over)
    assert (socket.answer.status, socket.answer.body) == (403, b"no")


@pytest.mark.parametrize("path", ["/unasked/", "/plain"])
def test_success_that_is_no_websocket_is_told_as_501(server, client, path):
    server.origin.script = answers(response(b"plain"))
    socket = WebSocket2(client, path)
    client.until(lambda: socket.over)
    assert socket.answer.status == 501
    assert b"plain" not in socket.answer.body


def test_the_upstreams_end_ends_the_stream_and_not_the_connection(server, client):
    server.origin.script = answers(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nlast words",
        close=True,
    )
    socket = WebSocket2(client)
    client.until(lambda: socket.over)
    assert socket.answer.body == b"last words"
    assert client.get("/plain", authority="localhost").body == b"plain"


def test_a_stream_that_the_client_resets_takes_the_upstream_along(server, client):
    socket = WebSocket2(client)
    assert socket.ask(b"there?") == b"there?"
    client.conn.reset_stream(socket.stream, 8)
    client.flush()
    eventually(server.origin.peers[-1].closed)


def test_a_client_that_vanishes_takes_the_upstream_along(server):
    with by_tls(server) as client:
        WebSocket2(client).ask(b"there?")
    eventually(server.origin.peers[-1].closed)


def test_a_silent_tunnel_ends_after_proxy_read_timeout(client):
    socket = WebSocket2(client, "/short/")
    assert socket.ask(b"awake") == b"awake"
    client.until(lambda: socket.over)


def head(*fields, protocol=b"websocket"):
    return [
        (b":method", b"CONNECT"),
        (b":protocol", protocol),
        (b":scheme", b"https"),
        (b":path", b"/"),
        (b":authority", b"localhost"),
        *fields,
    ]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (head(protocol=b"connect-udp"), 501),
        ([(b":method", b"CONNECT"), (b":authority", b"a:443")], 405),
        ([(b":method", b"GET"), *head()[1:]], 400),
        (head((b"upgrade", b"websocket")), 400),
        (head((b"connection", b"upgrade")), 400),
        ([pair for pair in head() if pair[0] != b":path"], 400),
    ],
    ids=["other-protocol", "plain", "not-connect", "upgrade", "connection", "no-path"],
)
def test_any_other_connect_is_refused_and_reaches_nobody(server, client, fields, status):
    answer = client.answer(client.request_of(fields))
    assert answer.status == status
    assert server.origin.requests == []
