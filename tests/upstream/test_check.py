import pytest

from forkproxy.config.directives.health import HealthCheck
from forkproxy.upstream.check import Check, request
from forkproxy.wire.head import parse_response_head
from tests.support.configuration import level

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: a\r\nX: b\r\nReady: 1\r\n\r\n"


def check(text):
    match = None
    if text:
        (line,) = level("http", f"match m {{ {text} }}").lines("match")
        match = line.value
    return Check("/", HealthCheck(), match, b"", 1.0, 1.0)


def good(text, head=HEAD, body=b""):
    return not check(text).objection(parse_response_head(head), body)


@pytest.mark.parametrize(
    ("status", "passes"), [(200, True), (302, True), (404, False), (500, False), (101, False)]
)
def test_without_a_match_an_answer_is_good_that_is_no_error(status, passes):
    assert good("", b"HTTP/1.1 %d X\r\n\r\n" % status) == passes


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("status 200;", True),
        ("status 201-299 300;", False),
        ("status ! 500;", True),
        ("status ! 200;", False),
        ("header X;", True),
        ("header Y;", False),
        ("header ! Y;", True),
        ("header X = b;", True),
        ("header X = c;", False),
        ("header X != c;", True),
        ('header Content-Type ~ "html$";', True),
        ('header Content-Type !~ "html$";', False),
        ('body ~ "well";', True),
        ('body !~ "well";', False),
        ("require $upstream_http_ready;", True),
        ("require $upstream_http_busy;", False),
        ("require $upstream_status;", True),
        ("status 200; header Y;", False),
    ],
)
def test_all_conditions_of_a_match_must_hold(text, passes):
    assert good(text, body=b"all is well") == passes


def test_a_body_is_read_only_where_it_counts():
    assert check('body ~ "x";').reads_body
    assert not check("status 200;").reads_body
    assert not check("").reads_body


def test_a_check_asks_in_plain_http():
    lines = request("/h?a=b", b"app:81").split(b"\r\n")
    assert lines[:3] == [b"GET /h?a=b HTTP/1.0", b"Host: app:81", b"Connection: close"]
    assert lines[-2:] == [b"", b""]
