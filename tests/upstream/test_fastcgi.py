"""fastcgi_pass: what an application is sent."""

import pytest

from tests.support.applications import fastcgi
from tests.support.client import Client, ask, get, request
from tests.support.inside import proxying

PASS = "fastcgi_pass %ORIGIN%;"
METHOD = (
    "fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_LENGTH $content_length;"
)


def told(location=PASS, target=b"/", *fields):
    with proxying(fastcgi(), f"location / {{ {location} }}") as server:
        answer = get(server.address, target, *fields)
        assert (answer.status, answer.body) == (200, b"hello")
        return server.origin.last


def test_params_come_as_they_are_configured():
    asked = told(
        f"{PASS} fastcgi_param QUERY_STRING $query_string; fastcgi_param X 'a b';", b"/?q=1"
    )
    assert asked.params["QUERY_STRING"] == b"q=1"
    assert asked.params["X"] == b"a b"


def test_the_content_is_sent_behind_them():
    with proxying(fastcgi(), f"location / {{ {PASS} {METHOD} }}") as server:
        assert ask(server.address, request(b"POST", b"/", body=b"x" * 70_000)).status == 200
        assert server.origin.last.content == b"x" * 70_000
        assert server.origin.last.params["CONTENT_LENGTH"] == b"70000"


@pytest.mark.parametrize("size", [0, 1, 16_000, 400_000])
@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_content_of_any_size_arrives_read_before_or_not(size, buffering):
    location = (
        f"location / {{ {PASS} fastcgi_request_buffering {buffering}; client_max_body_size 0; }}"
    )
    body = bytes(range(256)) * (size // 256 + 1)
    with proxying(fastcgi(), location) as server:
        assert ask(server.address, request(b"PUT", b"/", body=body[:size])).status == 200
        assert server.origin.last.content == body[:size]


def test_a_chunked_content_arrives_as_it_comes():
    location = f"location / {{ {PASS} fastcgi_request_buffering off; }}"
    with proxying(fastcgi(), location) as server, Client(server.address) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        client.send(b"2\r\nde\r\n0\r\n\r\n")
        assert client.response().status == 200
        assert server.origin.last.content == b"abcde"


def test_connections_are_kept_where_the_configuration_says_so():
    http = "upstream app { server %ORIGIN%; keepalive 2; }"
    location = "location / { fastcgi_pass app; fastcgi_keep_conn on; }"
    with proxying(fastcgi(), location, http=http) as server:
        for _ in range(3):
            assert get(server.address).body == b"hello"
        assert [asked.connection for asked in server.origin.requests] == [0, 0, 0]
        assert server.origin.last.keep


def test_otherwise_each_request_has_its_own():
    with proxying(fastcgi(), f"location / {{ {PASS} }}") as server:
        for _ in range(2):
            assert get(server.address).body == b"hello"
        assert [asked.connection for asked in server.origin.requests] == [0, 1]
        assert not server.origin.last.keep
