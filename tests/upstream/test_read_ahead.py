"""proxy_buffering: a slow client does not hold the upstream."""

import threading

import pytest

from tests.support.client import Client, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import chunked, response

MANY = bytes(range(256)) * 80_000  # 20 MB: more than sockets hold
CHUNKS = chunked(
    [MANY[at : at + 100_000] for at in range(0, len(MANY), 100_000)], trailers=[b"T: 1"]
)


def sends(octets):
    """Answer once; the origin's event `sent` tells that all of it was taken."""

    def script(peer):
        peer.request()
        peer.send(octets)
        peer.origin.sent.set()
        peer.gone()

    return script


def slow(conf, octets, **given):
    """Serve an origin that sends so much to a client that begins to read when it likes."""
    script = sends(octets)
    return proxying(script, f"location / {{ {conf} proxy_pass http://%ORIGIN%; }}", **given)


def begin(server, client):
    server.origin.sent = threading.Event()
    client.send(request(b"GET", b"/"))


@pytest.mark.parametrize("octets", [response(MANY), CHUNKS], ids=["length", "chunked"])
def test_the_upstream_is_done_before_the_client_has_read_anything(octets):
    conf = "proxy_pass_trailers on;"
    with slow(conf, octets) as server, Client(server.address, timeout=20.0) as client:
        begin(server, client)
        assert server.origin.sent.wait(10)
        eventually(lambda: server.peers()[0].active == 0, what="the upstream is free again")
        answer = client.final()
        assert answer.body == MANY
        assert answer.trailers == ([(b"T", b"1")] if octets is CHUNKS else [])


@pytest.mark.parametrize(
    "conf",
    ["proxy_buffering off;", "proxy_max_temp_file_size 0;", "proxy_max_temp_file_size 1m;"],
)
def test_without_room_the_upstream_waits_for_the_client(conf):
    with slow(conf, response(MANY)) as server, Client(server.address, timeout=20.0) as client:
        begin(server, client)
        assert not server.origin.sent.wait(0.3)
        assert client.final().body == MANY
        assert server.origin.sent.is_set()


def test_the_upstream_may_switch_it_off():
    octets = response(MANY, b"X-Accel-Buffering: no")
    with slow("", octets) as server, Client(server.address, timeout=20.0) as client:
        begin(server, client)
        assert not server.origin.sent.wait(0.3)
        assert client.final().body == MANY


def test_unless_that_is_ignored():
    conf = "proxy_ignore_headers X-Accel-Buffering;"
    octets = response(MANY, b"X-Accel-Buffering: no")
    with slow(conf, octets) as server, Client(server.address, timeout=20.0) as client:
        begin(server, client)
        assert server.origin.sent.wait(10)
        assert client.final().body == MANY


def test_a_client_that_reads_in_gulps_gets_everything_in_order():
    conf = "proxy_buffers 4 8k; proxy_max_temp_file_size 1m;"
    with slow(conf, response(MANY)) as server, Client(server.address, timeout=20.0) as client:
        begin(server, client)
        client.reader.until(b"\r\n\r\n")
        came = b"".join(client.reader.exactly(1_000_000) for _ in range(len(MANY) // 1_000_000))
        came += client.reader.exactly(len(MANY) % 1_000_000)
        assert came == MANY


def test_an_upstream_that_breaks_off_is_found_out_at_the_end():
    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(MANY) + 1) + MANY)

    with (
        proxying(script, "location / { proxy_pass http://%ORIGIN%; }") as server,
        Client(server.address, timeout=20.0) as client,
    ):
        client.send(request(b"GET", b"/"))
        eventually(
            lambda: server.origin.requests and server.peers()[0].active == 0,
            what="the upstream has left",
        )
        _, _, came = client.rest().partition(b"\r\n\r\n")
        assert came == MANY
        assert "upstream prematurely closed connection" in server.errors()


def test_a_client_that_leaves_lets_go_of_the_upstream():
    with slow("proxy_max_temp_file_size 1m;", response(MANY)) as server:
        with Client(server.address) as client:
            begin(server, client)
            client.reader.until(b"\r\n\r\n")
        eventually(lambda: server.origin.peers[0].closed(), what="the origin saw it leave")
        eventually(lambda: server.peers()[0].active == 0, what="the attempt is over")
