"""How long, how large, how many: what the proxy says when a client goes too far.

nginx's own statuses: 413 and 414 as they are, 494 shown as 400, and after a time-out
no answer at all, but 408 in the log.
"""

import pytest

from tests.conftest import installed
from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.messages import ClosedError
from tests.support.origin import Origin, echo, silent
from tests.support.proxy import Nginx, Proxy, serving


@pytest.fixture(scope="module", params=[Nginx, Proxy], ids=lambda kind: kind.name)
def server(request):
    kind = installed(request.param)
    conf = serving(
        "client_header_timeout 400ms;",
        "client_body_timeout 400ms;",
        "keepalive_timeout 400ms;",
        "access_log logs/status.log status;",
        "location / { proxy_pass http://u; }",
        "location /small/ { client_max_body_size 100; proxy_pass http://u; }",
        "location /streamed/ {",
        "    client_max_body_size 100; proxy_request_buffering off;",
        "    proxy_http_version 1.1; proxy_pass http://u;",
        "}",
        "location /unlimited/ { client_max_body_size 0; proxy_pass http://u; }",
        "location /here { return 200 here; }",
        http="log_format status '$status $request'; upstream u { server %ORIGIN%; }",
    )
    with Origin(echo) as origin, kind(conf, ORIGIN=origin.address) as server:
        server.origin = origin
        yield server


def logged(server, line):
    """Wait until the log has a line."""
    eventually(lambda: line in server.access_log("status.log"), what=f"{line!r} in the log")


def silence(octets):
    """Tell whether a connection ended as a time-out may: with nothing, or with a 408."""
    return octets == b"" or octets.startswith(b"HTTP/1.1 408 ")


def test_a_head_that_never_ends_is_a_408(server):
    with Client(server.address) as client:
        client.send(b"GET /slow-head HTTP/1.1\r\nHost: a\r\nX-")
        assert silence(client.rest())
    logged(server, "408 GET /slow-head HTTP/1.1")


def test_a_body_that_never_ends_is_a_408(server):
    with Client(server.address) as client:
        client.send(request(b"POST", b"/slow-body", b"Content-Length: 10") + b"12345")
        assert silence(client.rest())
    logged(server, "408 POST /slow-body HTTP/1.1")


def test_a_client_that_says_nothing_is_let_go(server):
    with Client(server.address) as client:
        assert silence(client.rest())


def test_an_idle_connection_ends_after_keepalive_timeout(server):
    with Client(server.address) as client:
        assert client.get(b"/here").body == b"here"
        assert client.closed()


@pytest.mark.parametrize("place", [b"/small/", b"/streamed/"])
@pytest.mark.parametrize("size", [100, 101])
def test_a_chunked_body_has_the_same_limit(server, place, size):
    half = b"x" * (size // 2)
    rest = b"x" * (size - len(half))
    octets = request(b"POST", place, b"Transfer-Encoding: chunked")
    octets += b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (half, rest))
    answer = ask(server.address, octets + b"0\r\n\r\n")
    assert answer.status == (200 if size == 100 else 413)


def test_the_default_limit_of_a_body_is_a_mebibyte(server):
    assert ask(server.address, request(b"POST", b"/", body=b"x" * 2**20)).status == 200
    refused = request(b"POST", b"/", b"Content-Length: %d" % (2**20 + 1))
    assert ask(server.address, refused).status == 413


def test_no_limit_of_the_body_where_none_is_wanted(server):
    body = b"x" * (3 * 2**20)
    assert ask(server.address, request(b"POST", b"/unlimited/", body=body)).status == 200
    assert server.origin.last.body == body


def test_the_page_of_413(server):
    answer = ask(server.address, request(b"POST", b"/small/", b"Content-Length: 101"))
    assert answer.status == 413
    assert b"<h1>413 Request Entity Too Large</h1>" in answer.body


def test_a_request_line_of_8_kib_is_a_414(server):
    answer = get(server.address, b"/" + b"a" * 8192)
    assert answer.line == b"HTTP/1.1 414 Request-URI Too Large"


def test_a_request_line_just_below_is_served(server):
    line = len(b"GET  HTTP/1.1\r\n")
    assert get(server.address, b"/here" + b"a" * (8192 - line - 5)).status == 200


def test_a_field_line_of_8_kib_is_told_so_in_a_400(server):
    answer = get(server.address, b"/", b"X-Long: " + b"a" * 8192)
    assert answer.status == 400
    assert b"Request Header Or Cookie Too Large" in answer.body


def test_four_lines_of_8_kib_are_served_and_five_are_not(server):
    line = b"X-Long: " + b"a" * 8000
    assert get(server.address, b"/here", *[line] * 3).status == 200
    answer = get(server.address, b"/here", *[line] * 5)
    assert answer.status == 400
    assert b"Request Header Or Cookie Too Large" in answer.body


def test_more_fields_than_max_headers_allows(server):
    if server.name == "nginx":
        pytest.skip("max_headers came with nginx 1.29.8")
    answer = get(server.address, b"/here", *[b"X-Many: 1"] * 1001)
    assert answer.status == 400
    assert b"Request Header Or Cookie Too Large" in answer.body


def test_an_upstream_that_never_answers_is_a_504(kind):
    conf = serving("proxy_read_timeout 300ms;", "location / { proxy_pass http://%ORIGIN%; }")
    with Origin(silent) as origin, kind(conf, ORIGIN=origin.address) as server:
        answer = get(server.address)
    assert answer.status == 504
    assert b"<h1>504 Gateway Time-out</h1>" in answer.body


def test_an_upstream_that_stops_in_the_middle_ends_the_response(kind):
    def stops(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        peer.gone()

    conf = serving("proxy_read_timeout 300ms;", "location / { proxy_pass http://%ORIGIN%; }")
    with (
        Origin(stops) as origin,
        kind(conf, ORIGIN=origin.address) as server,
        pytest.raises(ClosedError),
    ):
        get(server.address)


def test_a_client_that_stops_reading_is_let_go_after_send_timeout(kind):
    def endless(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            peer.send(b"x" * 65536)

    conf = serving(
        "send_timeout 300ms;",
        "location / { proxy_max_temp_file_size 0; proxy_pass http://%ORIGIN%; }",
    )
    with (
        Origin(endless) as origin,
        kind(conf, ORIGIN=origin.address) as server,
        Client(server.address) as client,
    ):
        client.send(request(b"GET", b"/"))
        origin.wait(1)
        eventually(lambda: origin.peers[0].closed(), what="the upstream is let go")
