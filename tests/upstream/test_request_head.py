"""The head of a request as the upstream gets it, octet by octet."""

import pytest

from tests.support.client import Client, ask, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import echo


def sent(octets, conf="", to=b"GET"):
    """Return the octets that the upstream gets."""
    with proxying(
        echo,
        f"location / {{ {conf} proxy_pass http://u; }}",
        http="upstream u { server %ORIGIN%; }",
    ) as server:
        assert ask(server.address, octets, to=to).status == 200
        return server.origin.last.raw


def test_a_plain_request():
    octets = request(b"GET", b"/a?b", b"Accept: */*", b"X-Y: z")
    expected = b"GET /a?b HTTP/1.1\r\nHost: u\r\nAccept: */*\r\nX-Y: z\r\n\r\n"
    assert sent(octets) == expected


def test_a_request_in_version_1_0():
    expected = b"GET / HTTP/1.0\r\nHost: u\r\nConnection: close\r\n\r\n"
    assert sent(request(b"GET", b"/"), "proxy_http_version 1.0;") == expected


def test_lines_of_the_configuration_come_first_in_their_order():
    conf = "proxy_set_header B $host; proxy_set_header A $uri; proxy_set_header None $arg_x;"
    expected = b"GET /p HTTP/1.1\r\nHost: u\r\nB: localhost\r\nA: /p\r\nC: d\r\n\r\n"
    assert sent(request(b"GET", b"/p", b"C: d", b"a: client"), conf) == expected


def test_a_line_end_from_a_variable_does_not_start_a_field():
    octets = sent(request(b"GET", b"/a%0d%0aEvil:%20x"), "proxy_set_header A $uri;")
    assert b"\r\nA: /a  Evil: x\r\n" in octets


@pytest.mark.parametrize(
    ("framing", "body", "expected"),
    [
        (b"Content-Length: 3", b"abc", b"Content-Length: 3"),
        (b"Content-Length: 0", b"", b"Content-Length: 0"),
        (b"Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n", b"Content-Length: 3"),
        (b"Transfer-Encoding: chunked", b"0\r\n\r\n", b"Content-Length: 0"),
    ],
)
def test_a_stored_body_has_its_length(framing, body, expected):
    octets = sent(request(b"POST", b"/", framing) + body, to=b"POST")
    head, _, content = octets.partition(b"\r\n\r\n")
    assert [line for line in head.split(b"\r\n") if b"ength" in line or b"oding" in line] == [
        expected
    ]
    assert content == (b"" if b"abc" not in body else b"abc")


@pytest.mark.parametrize(
    ("line", "first", "rest"),
    [
        (b"Transfer-Encoding: chunked", b"1\r\na\r\n", b"0\r\n\r\n"),
        (b"Content-Length: 3", b"a", b"bc"),
    ],
)
def test_a_streamed_body_is_framed_as_it_came(line, first, rest):
    location = "location / { proxy_request_buffering off; proxy_pass http://u; }"
    with (
        proxying(echo, location, http="upstream u { server %ORIGIN%; }") as server,
        Client(server.address) as client,
    ):
        client.send(request(b"POST", b"/", line) + first)
        eventually(lambda: server.origin.peers)
        assert client.ask(rest).status == 200
        assert b"\r\n" + line + b"\r\n" in server.origin.last.raw


@pytest.mark.parametrize(
    "line",
    [
        b"Connection: keep-alive",
        b"Keep-Alive: 5",
        b"TE: trailers",
        b"Upgrade: h2c",
        b"Expect: x",
        b"Connection: secret",
    ],
)
def test_what_concerns_the_clients_connection_goes_no_further(line):
    octets = sent(request(b"GET", b"/", line, b"Secret: s" if b"secret" in line else b"A: b"))
    name = line.partition(b":")[0]
    assert b"\r\n" + name not in octets
    assert b"Secret" not in octets


@pytest.mark.parametrize("name", [b"Host", b"Content-Length", b"Transfer-Encoding"])
def test_connection_cannot_name_what_a_message_needs(name):
    octets = sent(request(b"POST", b"/", b"Connection: " + name, body=b"abc"))
    assert b"\r\nHost: u\r\n" in octets
    assert b"\r\nContent-Length: 3\r\n" in octets
