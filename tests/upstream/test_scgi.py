"""scgi_pass: what an application is sent."""

import pytest

from tests.support.applications import scgi
from tests.support.client import ask, get, request
from tests.support.inside import proxying

LOCATION = "location / { scgi_pass %ORIGIN%; scgi_param SCGI 1; scgi_param URI $uri; %s }"


def test_params_begin_with_the_length_of_the_content():
    with proxying(scgi(), LOCATION.replace("%s", "")) as server:
        assert get(server.address, b"/x").body == b"hello"
        assert list(server.origin.last.params.items())[:3] == [
            ("CONTENT_LENGTH", b"0"),
            ("SCGI", b"1"),
            ("URI", b"/x"),
        ]


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_chunked_content_is_measured_first(buffering):
    conf = LOCATION.replace("%s", f"scgi_request_buffering {buffering};")
    with proxying(scgi(), conf) as server:
        octets = (
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )
        assert ask(server.address, octets).status == 200
        assert server.origin.last.content == b"abc"


def test_a_long_content_arrives():
    with proxying(scgi(), LOCATION.replace("%s", "")) as server:
        body = b"0123456789" * 50_000
        assert ask(server.address, request(b"POST", b"/", body=body)).status == 200
        assert server.origin.last.content == body
