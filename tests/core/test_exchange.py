"""The exchange: one request, one response, and what is known about both."""

import pytest

from forkproxy.core.exchange import Attempt, Body, Exchange, Response
from forkproxy.wire.fields import Fields
from forkproxy.wire.head import parse_request_head
from tests.support.client import ask, get, request
from tests.support.hub import REPORTED, in_hub
from tests.support.inside import Inside, proxying
from tests.support.origin import hangs_up

HEAD = b"GET /path HTTP/1.1\r\nHost: example.com\r\n\r\n"


@pytest.fixture
def exchange():
    return in_hub(Exchange, parse_request_head(HEAD), None)


class Pieces(Body):
    """A body in Python: it gives what it is made of."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def read(self):
        return self.pieces.pop(0) if self.pieces else b""


def test_a_body_of_python_is_a_body():
    body = Pieces(b"a", b"b")
    assert (body.length, body.trailers) == (-1, None)
    assert [body.read(), body.read(), body.read()] == [b"a", b"b", b""]
    body.close()


def test_a_response_begins_empty():
    response = Response(204)
    assert (response.status, response.body, list(response.fields)) == (204, None, [])
    assert (response.declared_length, response.from_upstream) == (-1, False)
    assert repr(response) == "<Response 204>"


def test_a_response_takes_fields_and_body():
    fields, body = Fields(), Pieces()
    response = Response(200, fields, body)
    assert response.fields is fields
    assert response.body is body


def test_an_attempt_begins_with_nothing_known():
    attempt = in_hub(Attempt, b"127.0.0.1:1")
    times = (attempt.connect_time, attempt.header_time, attempt.response_time)
    assert (attempt.address, attempt.status, times) == (b"127.0.0.1:1", 0, (-1.0, -1.0, -1.0))


def test_an_exchange_begins_as_it_was_sent(exchange):
    assert (exchange.method, exchange.as_sent, exchange.internal) == (b"GET", True, False)
    assert exchange.attempts is None


def test_a_redirect_inside_begins_anew(exchange):
    exchange.uri_kept = exchange.uri_changed = True
    exchange.redirect(b"/other", b"x=1")
    assert (exchange.uri, exchange.args) == (b"/other", b"x=1")
    assert (exchange.as_sent, exchange.internal, exchange.redirects) == (False, True, 1)
    assert (exchange.uri_kept, exchange.uri_changed, exchange.location) == (False, False, None)


def test_what_was_deferred_runs_at_the_end_last_first():
    order = []

    def finish(exchange):
        exchange.defer(lambda: order.append("first"))
        exchange.defer(lambda: order.append("last"))

    with Inside("return 204;") as server:
        finish(in_hub(Exchange, parse_request_head(HEAD), None))
        assert order == []
        assert get(server.address).status == 204


def test_a_line_of_the_log_says_who_asked_what_of_whom():
    conf = "server_name a.example; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(hangs_up, conf) as server:
        ask(server.address, request(b"GET", b"/x?y", host=b"b.example"))
        (line,) = [line for line in server.errors().splitlines() if "prematurely" in line]
        expected = (
            "upstream prematurely closed connection while reading response header from upstream, "
            'client: 127.0.0.1, server: a.example, request: "GET /x?y HTTP/1.1", '
            f'upstream: "http://{server.origin.address}/x?y", host: "b.example"'
        )
        assert line.endswith(expected)
        assert "[error]" in line


def test_octets_of_a_client_cannot_break_a_line_of_the_log():
    with Inside("root files;") as server:
        get(server.address, b"/a%0a%1b[31m")
        (line,) = [line for line in server.errors().splitlines() if "failed" in line]
        assert "\x1b" not in line


def test_a_named_location_that_is_not_there_is_a_500_with_a_reason():
    with Inside("location / { error_page 404 @$arg_n; return 404; }") as server:
        assert get(server.address, b"/?n=none").status == 500
        assert 'could not find named location "@none"' in server.errors()


def test_nothing_is_reported_where_nothing_went_wrong():
    before = len(REPORTED)
    with Inside("return 204;") as server:
        get(server.address)
    assert len(REPORTED) == before
