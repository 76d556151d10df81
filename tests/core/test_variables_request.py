"""Variables of the request."""

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside


def value(text, target=b"/", *fields):
    """Return what a text with variables comes to, as an answer's content."""
    with Inside(f'location / {{ return 200 "{text}"; }}') as server:
        return get(server.address, target, *fields).body


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("$uri $request_uri", b"/a%20b?c", b"/a b /a%20b?c"),
        ("$args$is_args", b"/?a=1", b"a=1?"),
        ("[$args$is_args]", b"/?", b"[]"),
        ("$arg_A $arg_b", b"/?a=1&b=2&a=3", b"1 2"),
        ("[$arg_none$arg_]", b"/?=1", b"[]"),
        ("$request_method $server_protocol $scheme[$https]", b"/", b"GET HTTP/1.1 http[]"),
        ("$request", b"/x", b"GET /x HTTP/1.1"),
        ("[$content_length$content_type]", b"/", b"[]"),
    ],
)
def test_the_request_line(text, target, expected):
    assert value(text, target) == expected


@pytest.mark.parametrize(
    ("lines", "text", "expected"),
    [
        ([b"Cookie: a=1; b=2"], "$cookie_a$cookie_B", b"12"),
        ([b"Cookie: a=1", b"Cookie: b=2"], "$cookie_b", b"2"),
        ([b"Cookie: a=1, b=2; c=3"], "$cookie_a[$cookie_b]$cookie_c", b"1, b=2[]3"),
        ([b"Cookie: a = 1 ; ab=2"], "$cookie_a|$cookie_ab", b"1 |2"),
        ([b"Cookie: b"], "[$cookie_b]", b"[]"),
        ([b"X-A: 1", b"X-A: 2"], "$http_x_a", b"1, 2"),
        ([b"X-Forwarded-For: 1.2.3.4"], "$proxy_add_x_forwarded_for", b"1.2.3.4, 127.0.0.1"),
        ([], "$proxy_add_x_forwarded_for", b"127.0.0.1"),
        ([b"Authorization: Basic bWU6c2VjcmV0"], "$remote_user", b"me"),
        ([b"Authorization: Basic !"], "[$remote_user]", b"[]"),
        ([b"Authorization: Bearer x"], "[$remote_user]", b"[]"),
    ],
)
def test_fields(lines, text, expected):
    assert value(text, b"/", *lines) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [(b"a:81", b":81"), (b"a", b""), (b"[::1]:82", b":82"), (b"[::1]", b"")],
)
def test_the_port_that_the_client_named(host, expected):
    octets = b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    conf = 'location / { return 200 "$is_request_port$request_port"; }'
    with Inside(conf) as server, Client(server.address) as client:
        assert client.ask(octets).body == expected


def test_a_request_has_one_id_of_32_digits():
    one, other = value("$request_id $request_id").split()
    assert one == other
    assert len(one) == 32
    assert int(one, 16)


def test_the_trailers_of_a_body_that_was_read():
    conf = (
        "location / { proxy_pass http://%PORT_2%; add_header X $trailer_sum; }"
        "} server { listen %PORT_2%; return 204;"
    )
    octets = request(b"POST", b"/", b"Transfer-Encoding: chunked")
    with Inside(f"server {{ listen %PORT%; {conf} }}") as server, Client(server.address) as client:
        answer = client.ask(octets + b"1\r\na\r\n0\r\nSum: 5\r\n\r\n")
        assert answer.get(b"x") == b"5"


def test_the_uri_of_a_request_that_cannot_be_read_is_empty():
    http = "log_format f '[$uri]';"
    with Inside("access_log logs/access.log f;", http=http) as server:
        with Client(server.address) as client:
            client.ask(b"GET /../x HTTP/1.1\r\nHost: a\r\n\r\n")
        assert server.lines() == [b"[]"]
