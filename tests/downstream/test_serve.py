"""One exchange, whatever the protocol: what becomes of its errors, and that it is always logged."""

import pytest

from tests.support.client import Client, request
from tests.support.inside import Inside

OK = "location / { return 200 ok; }"


@pytest.fixture(scope="module")
def server():
    with Inside(OK) as inside:
        yield inside


UNSEEN = [
    b"GET /../.. HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"nonsense\r\n\r\n",
]


@pytest.mark.parametrize("octets", UNSEEN)
def test_what_no_location_sees_is_answered_with_the_server_s_fields(octets):
    with Inside("add_header X-A b$uri always;" + OK) as inside, Client(inside.address) as client:
        answer = client.ask(octets)
        assert answer.status in (400, 405)
        assert answer.get(b"x-a").startswith(b"b")
        assert client.closed()


@pytest.mark.parametrize("octets", UNSEEN)
def test_what_no_location_sees_is_answered_with_the_server_s_error_page(octets):
    page = "error_page 400 405 /odd; location = /odd { return 402; }"
    with Inside(page + OK) as inside, Client(inside.address) as client:
        assert client.ask(octets).status == 402
        assert client.closed()


@pytest.mark.parametrize(
    ("octets", "status", "reason"),
    [
        (b"GET /../.. HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request target"),
        (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "client sent TRACE method"),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 405, "client sent CONNECT method"),
        (b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "client sent invalid request target"),
    ],
)
def test_what_no_location_sees_is_answered_and_said_in_the_log(server, octets, status, reason):
    with Client(server.address) as client:
        assert client.ask(octets).status == status
        assert client.closed()
    assert reason in server.errors()


def test_a_body_that_nobody_read_and_is_no_chunked_coding_is_a_400(server):
    octets = request(b"POST", b"/", b"Transfer-Encoding: chunked") + b"nonsense\r\n"
    with Client(server.address) as client:
        assert client.ask(octets).status == 400


def test_444_ends_the_connection_without_an_answer_and_is_logged():
    with Inside("access_log logs/access.log; location / { return 444; }") as inside:
        with Client(inside.address) as client:
            client.send(request(b"GET", b"/"))
            assert client.closed()
        assert b" 444 " in inside.lines()[0]
