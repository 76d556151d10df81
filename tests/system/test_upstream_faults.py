"""Upstreams that are gone, late, stale or broken, and clients that leave: what each side sees."""

import re
import socket
import threading

import pytest

from tests.conftest import installed
from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.origin import Origin, echo, hangs_up, resets, response, silent
from tests.support.proxy import Nginx, Proxy, serving
from tests.support.sockets import free_port

KEPT = """
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream u { server %ORIGIN% max_fails=0; keepalive 8; }
"""


@pytest.fixture(params=[Nginx, Proxy], ids=lambda kind: kind.name)
def start(request):
    """Return a function that starts a server in front of one origin: start(origin, *lines)."""
    kind = installed(request.param)
    running = []

    def start(origin, *lines):
        conf = serving(*lines, "location / { proxy_pass http://u; }", http=KEPT)
        server = kind(conf, ORIGIN=origin if isinstance(origin, str) else origin.address)
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


def first_well_then(fault):
    """Return a script: the first request of each origin is answered, the next meets `fault`."""
    answered = threading.Event()

    def script(peer):
        if answered.is_set():
            if peer.number:
                echo(peer)
            return
        peer.request()
        answered.set()
        peer.send(response(b"well"))
        fault(peer)

    return script


@pytest.mark.parametrize("fault", [hangs_up, resets])
def test_a_get_that_met_a_stale_connection_is_sent_again(start, fault):
    with Origin(first_well_then(fault)) as origin:
        server = start(origin)
        with Client(server.address) as client:
            assert client.get(b"/one").body == b"well"
            assert client.get(b"/two").status == 200
        assert [asked.target for asked in origin.requests] == [b"/one", b"/two", b"/two"]


@pytest.mark.parametrize("fault", [hangs_up, resets])
def test_a_post_that_may_have_been_done_is_not_sent_again(start, fault):
    with Origin(first_well_then(fault)) as origin:
        server = start(origin)
        with Client(server.address) as client:
            assert client.get(b"/one").body == b"well"
            assert client.ask(request(b"POST", b"/two", body=b"once")).status == 502
        assert [asked.target for asked in origin.requests] == [b"/one", b"/two"]


def test_a_kept_connection_that_the_upstream_closed_is_not_used_again(start):
    def answers_once(peer):
        peer.request()
        peer.send(response(b"well"))

    with Origin(answers_once) as origin:
        server = start(origin)
        for number in range(5):
            octets = request(b"POST", b"/%d" % number, body=b"x")
            assert ask(server.address, octets).status == 200
            eventually(origin.peers[-1].closed)
        assert len(origin.requests) == 5


@pytest.mark.parametrize("framing", [b"Content-Length: 10", b"Transfer-Encoding: chunked"])
def test_a_connection_whose_request_was_not_sent_whole_is_not_used_again(start, framing):
    """Else the next request would be read as the rest of the body."""

    def answers_heads(peer):
        while True:
            asked = peer.head()
            peer.send(response(asked.target))

    with Origin(answers_heads) as origin:
        server = start(origin, "proxy_request_buffering off;")
        with Client(server.address) as client:
            client.send(request(b"POST", b"/early", framing))
            assert client.response().body == b"/early"
            assert get(server.address, b"/other").body == b"/other"
        assert [asked.connection for asked in origin.requests] == [0, 1]


def test_an_upstream_that_is_not_there_is_a_502_and_one_line_in_the_log(start):
    port = free_port()
    server = start(f"127.0.0.1:{port}")
    assert get(server.address).status == 502
    eventually(lambda: f"127.0.0.1:{port}" in server.error_log())
    assert server.error_log().count(f"127.0.0.1:{port}") == 1


def test_an_upstream_that_does_not_accept_is_a_504(kind):
    """A full backlog drops SYNs: connecting neither succeeds nor fails."""
    with socket.socket() as full, socket.socket() as filler, socket.socket() as more:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for sock in (filler, more):
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        conf = serving("proxy_connect_timeout 300ms;", "location / { proxy_pass http://%ORIGIN%; }")
        with kind(conf, ORIGIN=f"127.0.0.1:{full.getsockname()[1]}") as server:
            assert get(server.address).status == 504


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param(None, 502, id="refused"),
        pytest.param(hangs_up, 502, id="closed"),
        pytest.param(resets, 502, id="reset"),
        pytest.param(silent, 504, id="silent"),
    ],
)
def test_no_error_page_tells_an_upstreams_address(start, script, status):
    with Origin(script) as origin:
        if script is None:
            origin.close()
        server = start(origin, "proxy_read_timeout 300ms;")
        with Client(server.address) as client:
            client.send(request(b"GET", b"/", b"Connection: close"))
            octets = client.rest()
    assert octets.startswith(b"HTTP/1.1 %d " % status)
    assert b"%d" % origin.port not in re.sub(rb"\nDate:[^\n]*", b"", octets)
    assert b"upstream" not in octets


def test_a_good_response_does_not_tell_it_either(start):
    with Origin(
        lambda peer: [peer.request(), peer.send(response(b"well", b"Server: app"))]
    ) as origin:
        server = start(origin)
        answer = get(server.address)
    names = [name for name, _ in answer.fields]
    assert names == [b"Server", b"Date", b"Content-Length", b"Connection"]
    assert b"app" not in answer.raw


def test_a_client_that_leaves_takes_its_upstream_connection_along(start):
    with Origin(silent) as origin:
        server = start(origin)
        client = Client(server.address)
        client.send(request(b"GET", b"/"))
        eventually(lambda: origin.peers and origin.peers[0].raw.endswith(b"\r\n\r\n"))
        client.close()
        eventually(origin.peers[0].closed)
        eventually(lambda: " 499 " in "".join(server.access_log()))


def test_a_client_that_leaves_during_its_response_takes_it_along(start):
    def endless(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.send(b"x" * 65536)

    with Origin(endless) as origin:
        server = start(origin, "proxy_buffering off;")
        client = Client(server.address)
        client.send(request(b"GET", b"/"))
        client.reader.exactly(100_000)
        client.reset()
        eventually(origin.peers[0].closed)


def test_a_client_that_leaves_during_its_upload_ends_it(start):
    with Origin() as origin:
        server = start(origin, "proxy_request_buffering off;")
        client = Client(server.address)
        client.send(request(b"POST", b"/", b"Content-Length: 100000") + b"x" * 500)
        eventually(lambda: origin.peers and origin.peers[0].raw.endswith(b"x"))
        client.close()
        eventually(origin.peers[0].closed)
        assert origin.requests == []


def test_the_next_peer_is_asked_when_the_first_refuses(kind):
    conf = serving(
        "location / { proxy_pass http://two; }",
        http="upstream two { server 127.0.0.1:%DEAD%; server %ORIGIN%; }",
    )
    with Origin() as origin, kind(conf, DEAD=free_port(), ORIGIN=origin.address) as server:
        for number in range(4):
            octets = request(b"POST", b"/%d" % number, body=b"safe: nothing was sent")
            assert ask(server.address, octets).status == 200
        assert len(origin.requests) == 4


def test_a_head_larger_than_the_buffer_is_a_502(start):
    def boasts(peer):
        peer.request()
        peer.send(response(b"", b"X-Large: " + b"x" * 100_000))

    with Origin(boasts) as origin:
        assert get(start(origin).address).status == 502


def test_an_unresolvable_upstream_is_a_502_and_no_failed_start():
    """Deviation D4: nginx refuses to start."""
    conf = serving(
        "location / { proxy_pass http://no-such-host.invalid; }", "location /up { return 204; }"
    )
    with Proxy(conf) as server:
        assert get(server.address, b"/up").status == 204
        assert get(server.address, timeout=20).status in (502, 503)
        assert "no-such-host.invalid" in server.error_log()
