"""Bodies far larger than memory should ever hold, through one worker."""

import hashlib
import threading

import pytest

from tests.support.client import Client, request
from tests.support.origin import Origin, response
from tests.support.proxy import serving

SIZE = 512 * 2**20  # octets
ALLOWED = 8 * 2**20  # octets a worker may grow by
PIECE = bytes(range(256)) * 1024
EXPECTED = hashlib.sha256()
for _ in range(SIZE // len(PIECE)):
    EXPECTED.update(PIECE)


def swallow(reader, digest):
    """Read SIZE octets into a digest, and keep none."""
    left = SIZE
    while left:
        piece = reader.take(left) or (reader.more() and reader.take(left))
        assert piece, f"{left} octets are missing"
        digest.update(piece)
        left -= len(piece)


@pytest.fixture
def server(kind, upstream):
    conf = serving(
        "client_max_body_size 0;",
        "proxy_request_buffering off;",
        "location / { proxy_pass http://%ORIGIN%; proxy_max_temp_file_size 0; }",
        "location /small { return 204; }",
    )
    with kind(conf, ORIGIN=upstream.address) as server:
        yield server


@pytest.fixture
def upstream():
    with Origin() as origin:
        yield origin


def grown(server, exchange):
    """Return by how many octets the worker grew over an exchange, at its most."""
    with Client(server.address) as client:
        client.get(b"/small")
    before = server.memory()
    most = [before]
    done = threading.Event()

    def watch():
        while not done.wait(0.05):
            most.append(server.memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        exchange()
    finally:
        done.set()
        watcher.join()
    return max(most) - before


def test_a_large_response_passes_whole_and_leaves_the_worker_small(server, upstream):
    def pours(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
        for _ in range(SIZE // len(PIECE)):
            peer.send(PIECE)

    upstream.script = pours
    digest = hashlib.sha256()

    def exchange():
        with Client(server.address, timeout=30) as client:
            client.send(request(b"GET", b"/"))
            client.reader.until(b"\r\n\r\n")
            swallow(client.reader, digest)

    assert grown(server, exchange) < ALLOWED
    assert digest.digest() == EXPECTED.digest()


def test_a_large_request_passes_whole_and_leaves_the_worker_small(server, upstream):
    digest = hashlib.sha256()

    def drinks(peer):
        peer.head()
        peer.reader.record = False
        swallow(peer.reader, digest)
        peer.send(response(b"all of it"))

    upstream.script = drinks

    def exchange():
        with Client(server.address, timeout=30) as client:
            client.send(request(b"POST", b"/", b"Content-Length: %d" % SIZE))
            for _ in range(SIZE // len(PIECE)):
                client.send(PIECE)
            assert client.response().body == b"all of it"

    assert grown(server, exchange) < ALLOWED
    assert digest.digest() == EXPECTED.digest()
