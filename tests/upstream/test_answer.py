"""An upstream's answer: its head, then its content, and what becomes of the connection."""

import pytest

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import answers, chunked, hangs_up, resets, response, silent

CONF = "location / { proxy_pass http://%ORIGIN%; }"
READING = "while reading response header from upstream"


def then_close(octets):
    def script(peer):
        peer.request()
        peer.send(octets)

    return script


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (hangs_up, f"upstream prematurely closed connection {READING}"),
        (then_close(b"HTTP/1.1 200"), f"upstream prematurely closed connection {READING}"),
        (resets, f"recv() failed (104: Connection reset by peer) {READING}"),
        (then_close(b"garbage\r\n\r\n"), "upstream sent invalid header"),
        (
            then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            "upstream sent invalid header",
        ),
        (
            then_close(b"HTTP/1.1 200 OK\r\nA: " + bytes(b"x" * 5000)),
            f"upstream sent too big header {READING}",
        ),
        (
            then_close(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20),
            "upstream sent too many interim responses",
        ),
    ],
)
def test_a_head_that_is_none_is_a_502_with_a_reason(script, reason):
    with proxying(script, CONF, http="proxy_buffer_size 4k;") as server:
        assert get(server.address).status == 502
        assert reason in server.errors()


def test_a_head_that_does_not_come_is_a_504():
    with proxying(silent, CONF, http="proxy_read_timeout 100ms;") as server:
        assert get(server.address).status == 504
        assert f"upstream timed out {READING}" in server.errors()


@pytest.mark.parametrize("size", [1, 5])
def test_a_head_may_come_in_any_pieces(size):
    octets = response(b"body", b"A: b")

    def script(peer):
        peer.request()
        peer.send(*[octets[at : at + size] for at in range(0, len(octets), size)])

    with proxying(script, CONF) as server:
        answer = get(server.address)
        assert (answer.body, answer.get(b"a")) == (b"body", b"b")


@pytest.mark.parametrize("count", [1, 3, 15])
def test_interim_answers_are_passed_over(count):
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * count
    with (
        proxying(answers(interim + response(b"final")), CONF) as server,
        Client(server.address) as client,
    ):
        client.send(request(b"GET", b"/"))
        answer = client.response()
        assert (answer.status, answer.body) == (200, b"final")
        assert b"link" not in answer


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (response(b"abc")[:-1], "upstream prematurely closed connection while reading upstream"),
        (chunked([b"abc"])[:-2], "upstream prematurely closed connection while reading upstream"),
        (chunked([bytes(200_000)])[:-5] + b"x\r\n", "upstream sent invalid chunked response"),
    ],
)
def test_content_that_breaks_off_ends_the_clients_connection(octets, reason):
    with proxying(then_close(octets), CONF) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.rest()
        assert reason in server.errors()


def test_content_that_stops_ends_it_too():
    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        peer.gone()

    with proxying(script, CONF, http="proxy_read_timeout 100ms;") as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            assert client.rest().endswith(b"abc")
        assert "upstream timed out while reading upstream" in server.errors()


@pytest.mark.parametrize(
    ("octets", "kept"),
    [
        (response(b"x"), True),
        (chunked([b"x"]), True),
        (response(b""), True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", True),
        (response(b"x", b"Connection: close"), False),
        (response(b"x") + b"more", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", True),
    ],
)
def test_a_connection_is_kept_where_its_answer_was_whole(octets, kept):
    with proxying(answers(octets), CONF) as server, Client(server.address) as client:
        for _ in range(2):
            client.get()
        assert len(server.origin.peers) == (1 if kept else 2)


def test_a_client_that_leaves_in_the_middle_ends_the_upstreams_connection():
    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        peer.gone()

    with proxying(script, CONF) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            client.reader.until(b"abc")
        eventually(lambda: server.origin.peers[0].closed(), what="the origin saw it leave")
        eventually(lambda: server.peers()[0].active == 0, what="the attempt is over")


def test_content_comes_while_it_is_made():
    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        peer.origin.go.wait(5)
        peer.send(b"1\r\nb\r\n0\r\n\r\n")

    import threading

    with proxying(script, CONF) as server, Client(server.address) as client:
        server.origin.go = threading.Event()
        client.send(request(b"GET", b"/"))
        client.reader.until(b"1\r\na\r\n")
        server.origin.go.set()
        assert client.reader.until(b"0\r\n\r\n") == b"1\r\nb\r\n0\r\n\r\n"
