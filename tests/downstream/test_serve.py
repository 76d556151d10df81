"""One exchange, whatever the protocol: what becomes of its errors, and that it is always logged."""

import pytest

from tests.support.client import Client, request
from tests.support.inside import Inside

OK = "location / { return 200 ok; }"


@pytest.fixture(scope="module")
def server():
    with Inside(OK) as inside:
        yield inside


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
