"""Nobody reads, so nobody may write: what is on its way stays bounded."""

import contextlib
import threading

import pytest

from tests.support.client import Client, request
from tests.support.origin import Origin, deaf
from tests.support.proxy import serving

STALLED = 1.0  # seconds without an octet taken
BOUND = 48 * 2**20  # octets: the kernel's four socket buffers at their largest, and ours


def pour(sock, limit):
    """Write until nothing is taken for a while; return the octets that were."""
    sock.settimeout(STALLED)
    piece = b"x" * 65536
    taken = 0
    with contextlib.suppress(TimeoutError):
        while taken < limit:
            taken += sock.send(piece)
    return taken


@pytest.mark.parametrize(
    "buffering", ["proxy_buffering off;", "proxy_buffering on; proxy_max_temp_file_size 0;"]
)
def test_an_upstream_waits_for_a_client_that_does_not_read(kind, buffering):
    poured = []
    stalled = threading.Event()

    def pours(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        poured.append(pour(peer.socket, limit=2 * BOUND))
        stalled.set()
        peer.gone()

    conf = serving(buffering, "location / { proxy_pass http://%ORIGIN%; }")
    with (
        Origin(pours) as origin,
        kind(conf, ORIGIN=origin.address) as server,
        Client(server.address) as client,
    ):
        client.send(request(b"GET", b"/"))
        assert stalled.wait(20)
    assert poured[0] < BOUND


def test_a_client_waits_for_an_upstream_that_does_not_read(kind):
    conf = serving(
        "client_max_body_size 0;",
        "proxy_request_buffering off;",
        "location / { proxy_pass http://%ORIGIN%; }",
    )
    with (
        Origin(deaf) as origin,
        kind(conf, ORIGIN=origin.address) as server,
        Client(server.address) as client,
    ):
        client.send(request(b"POST", b"/", b"Content-Length: %d" % (4 * BOUND)))
        assert pour(client.socket, limit=2 * BOUND) < BOUND


def test_pipelined_requests_wait_for_a_client_that_does_not_read(kind):
    """What is answered before anybody reads is bounded by the socket buffers."""
    conf = serving("keepalive_requests 1000000;", 'location / { return 200 "%BODY%"; }')
    with kind(conf, BODY="x" * 4000) as server, Client(server.address) as client:
        asking = request(b"GET", b"/") * 1000
        client.socket.settimeout(STALLED)
        taken = 0
        with contextlib.suppress(TimeoutError):
            while taken < BOUND:
                taken += client.socket.send(asking)
        assert taken < BOUND
        assert client.response().status == 200
