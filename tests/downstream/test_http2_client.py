"""The exchange of one HTTP/2 stream: what the location sees, and what is logged."""

import pytest

from tests.support.http2 import Client2
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, echo

PROXY = "http2 on; access_log logs/access.log; location / { proxy_pass http://%ORIGIN%; }"


def test_variables_tell_the_protocol():
    with (
        Inside('http2 on; return 200 "$http2 $server_protocol $connection_requests";') as inside,
        Client2(inside.address) as client,
    ):
        assert client.get().body == b"h2c HTTP/2.0 1"
        assert client.get().body == b"h2c HTTP/2.0 2"


def test_a_bad_head_is_a_400_and_its_connection_goes_on():
    with Inside("http2 on; return 200 ok;") as inside, Client2(inside.address) as client:
        assert client.get("/", (b"transfer-encoding", b"chunked")).status == 400
        assert client.get().status == 200
        assert "client sent connection-specific header" in inside.errors()


def test_the_upstream_gets_http1_of_it():
    with proxying(echo, PROXY) as inside, Client2(inside.address) as client:
        answer = client.get("/x?y", (b"cookie", b"a=1"), (b"cookie", b"b=2"), body=b"content")
        assert answer.body.startswith(b"GET /x?y HTTP/1.1\r\n")
        assert b"cookie: a=1; b=2\r\n" in answer.body
        assert answer.body.endswith(b"content")
        assert b'"GET /x?y HTTP/2.0" 200' in inside.lines()[0]


def test_a_server_for_which_http2_is_off_is_421():
    servers = """
        server { listen %PORT%; server_name a; http2 on; return 200 a; }
        server { listen %PORT%; server_name b; return 200 b; }
    """
    with Inside(servers) as inside, Client2(inside.address) as client:
        assert client.get(authority="a").status == 200
        assert client.get(authority="b").status == 421


def test_a_stream_that_the_client_resets_is_499_and_the_others_go_on():
    with proxying(waits, PROXY, "location /ok { return 200 ok; }") as inside:
        with Client2(inside.address) as client:
            stream = client.request()
            inside.origin.wait(1)
            client.conn.reset_stream(stream, 8)
            client.flush()
            assert client.get("/ok").body == b"ok"
        assert any(b" 499 " in line for line in inside.lines(2))


def waits(peer):
    peer.request()
    peer.gone()


@pytest.mark.parametrize("early", [True, False])
def test_444_ends_the_stream_without_an_answer(early):
    with Inside("http2 on; return 444;") as inside, Client2(inside.address) as client:
        assert client.get(body=b"x" if early else None).reset is not None


def test_half_an_answer_ends_with_a_reset():
    half = answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", close=True)
    with proxying(half, PROXY) as inside, Client2(inside.address) as client:
        answer = client.get()
        assert answer.reset == 2
        assert not answer.ended
