"""One HTTP/1 connection: heads in, answers out, and when it may carry another request."""

import pytest

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, echo, silent

OK = "location / { return 200 ok; }"
EMPTY = request(b"GET", b"/")


@pytest.fixture(scope="module")
def server():
    with Inside(OK) as inside:
        yield inside


@pytest.mark.parametrize(
    ("head", "kept"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", True),
    ],
)
def test_what_the_client_says_decides_about_the_connection(server, head, kept):
    with Client(server.address) as client:
        answer = client.ask(head)
        assert answer.get(b"connection") == (b"keep-alive" if kept else b"close")
        if kept:
            assert client.get().status == 200
        else:
            assert client.closed()


@pytest.mark.parametrize(
    ("conf", "count"), [("keepalive_requests 2;", 2), ("keepalive_timeout 0;", 1)]
)
def test_what_the_configuration_says_decides_too(conf, count):
    with Inside(conf + OK) as inside, Client(inside.address) as client:
        shown = [client.get().get(b"connection") for _ in range(count)]
        assert shown == [b"keep-alive"] * (count - 1) + [b"close"]
        assert client.closed()


def test_a_connection_ends_after_keepalive_time():
    with Inside("keepalive_time 1ms;" + OK) as inside, Client(inside.address) as client:
        answers = iter(lambda: client.get().get(b"connection"), b"close")
        assert all(shown == b"keep-alive" for shown in answers)
        assert client.closed()


def test_an_idle_connection_ends_after_keepalive_timeout():
    with Inside("keepalive_timeout 100ms;" + OK) as inside, Client(inside.address) as client:
        client.get()
        assert client.closed()


def test_who_says_nothing_is_let_go_in_silence():
    with Inside("client_header_timeout 100ms;" + OK) as inside, Client(inside.address) as client:
        assert client.closed()


def test_who_begins_and_does_not_end_is_a_408():
    with Inside("client_header_timeout 100ms;" + OK) as inside, Client(inside.address) as client:
        client.send(b"GET / HT")
        assert client.final().status == 408
        assert client.closed()
        assert "client timed out" in inside.errors()


@pytest.mark.parametrize("size", [1, 7])
def test_a_head_may_come_in_any_pieces(server, size):
    octets = request(b"GET", b"/x", b"A: b")
    with Client(server.address) as client:
        for at in range(0, len(octets), size):
            client.send(octets[at : at + size])
        assert client.final().status == 200


def test_pipelined_requests_are_answered_in_their_order():
    with Inside("location / { return 200 $uri; }") as inside, Client(inside.address) as client:
        targets = [b"/%d" % number for number in range(50)]
        client.send(b"".join(request(b"GET", target) for target in targets))
        assert [client.final().body for _ in targets] == targets


def test_empty_lines_before_a_request_are_passed_over(server):
    with Client(server.address) as client:
        client.send(b"\r\n\r\n" + EMPTY)
        assert client.final().status == 200


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /../.. HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 405),
        (
            request(b"POST", b"/", b"Content-Length: 1", b"Transfer-Encoding: chunked"),
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 9000 + b"\r\n\r\n", 400),
    ],
)
def test_what_is_refused_is_the_last_of_its_connection(server, octets, status):
    with Client(server.address) as client:
        answer = client.ask(octets + EMPTY)
        assert (answer.status, answer.get(b"connection")) == (status, b"close")
        assert client.closed()


def test_a_head_that_is_wrong_is_answered_without_content_where_only_a_head_was_asked_for(server):
    with Client(server.address) as client:
        client.send(b"HEAD / HTTP/1.1\r\n\r\n")
        assert client.rest().endswith(b"\r\n\r\n")


def test_a_body_that_nobody_wanted_is_read_past(server):
    with Client(server.address) as client:
        client.send(request(b"POST", b"/", body=bytes(500_000)) + EMPTY)
        assert client.final().status == 200
        assert client.final().status == 200


def test_a_large_body_that_nobody_wanted_ends_the_connection_but_not_the_answer():
    with Inside("client_max_body_size 0;" + OK) as inside, Client(inside.address) as client:
        client.send(request(b"POST", b"/", body=bytes(3_000_000)))
        assert client.final().status == 200
        assert client.closed()


def test_continue_is_said_when_the_body_is_wanted():
    with (
        proxying(echo, "location / { proxy_pass http://%ORIGIN%; }") as inside,
        Client(inside.address) as client,
    ):
        head, body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n", b"abc"
        client.send(head + b"Expect: 100-continue\r\n\r\n")
        assert client.response().status == 100
        client.send(body)
        assert client.response().status == 200
        assert inside.origin.last.body == body
        assert client.get().status == 200


def test_continue_is_not_said_when_it_is_not_and_the_connection_ends(server):
    with Client(server.address) as client:
        client.send(request(b"POST", b"/", b"Content-Length: 3", b"Expect: 100-continue"))
        answer = client.response()
        assert (answer.status, answer.get(b"connection")) == (200, b"close")
        assert client.closed()


def test_an_expectation_without_a_body_changes_nothing(server):
    with Client(server.address) as client:
        answer = client.ask(request(b"GET", b"/", b"Expect: 100-continue"))
        assert answer.get(b"connection") == b"keep-alive"
        assert client.get().status == 200


def test_a_client_that_half_closes_is_answered(server):
    with Client(server.address) as client:
        client.send(EMPTY)
        client.half_close()
        assert client.final().status == 200
        assert client.closed()


def test_a_client_that_leaves_takes_its_request_along():
    with proxying(silent, "location / { proxy_pass http://%ORIGIN%; }") as inside:
        with Client(inside.address) as client:
            client.send(EMPTY)
            eventually(lambda: inside.origin.peers, what="it has come to the origin")
        eventually(lambda: inside.origin.peers[0].closed(), what="the origin saw it leave")
        assert inside.peers()[0].active == 0


UPGRADE = [b"Connection: upgrade", b"Upgrade: x"]
TUNNEL = """
    location / {
        proxy_pass http://%ORIGIN%;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_read_timeout 200ms;
    }
"""
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"


def tunnelled(peer):
    peer.head()
    peer.send(SWITCH + b"early")
    peer.send(peer.reader.exactly(4))
    peer.gone()


def test_after_101_octets_go_both_ways():
    with proxying(tunnelled, TUNNEL) as inside, Client(inside.address) as client:
        answer = client.ask(request(b"GET", b"/", *UPGRADE))
        assert (answer.status, answer.get(b"upgrade")) == (101, b"x")
        assert client.reader.exactly(5) == b"early"
        client.send(b"four")
        assert client.reader.exactly(4) == b"four"


def test_what_comes_behind_an_upgrade_is_for_the_tunnel():
    with proxying(tunnelled, TUNNEL) as inside, Client(inside.address) as client:
        client.send(request(b"GET", b"/", *UPGRADE) + b"four")
        assert client.final().status == 101
        assert client.reader.exactly(9) == b"earlyfour"


def test_a_tunnel_in_which_nothing_is_said_ends():
    with proxying(tunnelled, TUNNEL) as inside, Client(inside.address) as client:
        client.ask(request(b"GET", b"/", *UPGRADE))
        assert client.rest() == b"early"
        eventually(lambda: "tunnel timed out" in inside.errors(), what="it is logged")
        assert inside.peers()[0].active == 0


def test_a_101_that_nobody_asked_for_is_a_502():
    with proxying(answers(SWITCH), TUNNEL) as inside:
        assert get(inside.address).status == 502
