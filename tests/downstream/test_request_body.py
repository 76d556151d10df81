"""The content of a request: its limits are those of the location."""

import contextlib

import pytest

from tests.support.client import Client, ask, request
from tests.support.inside import proxying
from tests.support.origin import echo, silent

CHUNKED = b"POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
CONF = """
    client_max_body_size 100;
    client_body_timeout 200ms;
    location / { proxy_pass http://%ORIGIN%; }
    location /streamed/ { proxy_request_buffering off; proxy_pass http://%ORIGIN%; }
    location /large/ { client_max_body_size 0; proxy_pass http://%ORIGIN%; }
    location /unread { return 200 ok; }
"""


@pytest.fixture(scope="module")
def server():
    with proxying(echo, CONF) as inside:
        yield inside


def in_chunks(size, each=7):
    whole = [min(each, size - at) for at in range(0, size, each)]
    return b"".join(b"%x\r\n%s\r\n" % (count, b"x" * count) for count in whole) + b"0\r\n\r\n"


@pytest.mark.parametrize("place", [b"/", b"/streamed/"])
@pytest.mark.parametrize(("size", "status"), [(99, 200), (100, 200), (101, 413), (1000, 413)])
def test_the_limit_counts_the_content_and_not_the_coding(server, place, size, status):
    answer = ask(server.address, CHUNKED % place + in_chunks(size))
    assert answer.status == status
    assert answer.get(b"connection") == (b"keep-alive" if status == 200 else b"close")


def test_the_limit_is_the_locations(server):
    assert ask(server.address, CHUNKED % b"/large/" + in_chunks(5000)).status == 200
    assert ask(server.address, request(b"POST", b"/large/", body=bytes(5000))).status == 200


def test_the_log_says_what_was_too_large(server):
    ask(server.address, CHUNKED % b"/" + in_chunks(101))
    assert "client intended to send too large chunked body" in server.errors()


@pytest.mark.parametrize("place", [b"/", b"/streamed/"])
@pytest.mark.parametrize("framing", [b"Content-Length: 10", b"Transfer-Encoding: chunked"])
def test_a_body_that_stops_is_a_408(server, place, framing):
    with Client(server.address) as client:
        client.send(request(b"POST", place, framing))
        answer = client.final()
        assert (answer.status, answer.get(b"connection")) == (408, b"close")
        assert client.closed()


@pytest.mark.parametrize("place", [b"/", b"/streamed/"])
@pytest.mark.parametrize("framing", [b"Content-Length: 10", b"Transfer-Encoding: chunked"])
def test_a_client_that_leaves_in_the_middle_is_a_400_or_nobody(server, place, framing):
    before = len(server.errors())
    with Client(server.address) as client:
        client.send(request(b"POST", place, framing))
        client.half_close()
        client.rest()
    assert "client prematurely closed connection" in server.errors()[before:]


def test_an_upload_into_a_silent_upstream_is_a_504():
    conf = """
        location / {
            proxy_request_buffering off; proxy_read_timeout 200ms; client_body_timeout 5s;
            proxy_pass http://%ORIGIN%;
        }
    """
    with proxying(silent, conf) as inside, Client(inside.address) as client:
        client.send(request(b"POST", b"/", b"Content-Length: 10") + b"abc")
        assert client.final().status == 504


def test_what_nobody_reads_is_limited_too(server):
    with Client(server.address) as client:
        client.send(CHUNKED % b"/unread" + in_chunks(5000))
        assert client.final().status == 200
        assert client.closed()


def test_a_body_that_drips_is_cut():
    conf = "client_body_min_rate 1k; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(echo, conf) as server, Client(server.address, timeout=20) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
        client.socket.settimeout(0.4)
        answer = b""
        while not answer:
            client.send(b"x")
            with contextlib.suppress(TimeoutError):
                answer = client.socket.recv(100)
        assert answer.startswith(b"HTTP/1.1 408")
        assert "client sends its body too slowly" in server.errors()
