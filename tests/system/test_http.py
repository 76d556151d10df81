"""HTTP/1.1 on both sides of a running proxy, and of the real nginx where it is installed."""

import threading

import pytest

from tests.conftest import installed
from tests.support.client import Client, ask, get, request
from tests.support.messages import ClosedError
from tests.support.origin import Origin, answers, chunked, echo, response
from tests.support.proxy import Nginx, Proxy, serving

# The defaults of nginx 1.29.7, spelled out for older ones.
KEPT = 'proxy_http_version 1.1; proxy_set_header Connection ""; default_type text/plain;'


@pytest.fixture(scope="module", params=[Nginx, Proxy], ids=lambda kind: kind.name)
def server(request):
    """Each test gives its origin a script; %ORIGIN% runs whatever `server.origin.script` is."""
    kind = installed(request.param)
    conf = serving(
        "location / { proxy_pass http://u; }",
        "location /streamed/ { proxy_pass http://u; proxy_request_buffering off; }",
        "location /unbuffered/ { proxy_pass http://u; proxy_buffering off; }",
        "location /patient/ { proxy_pass http://u; proxy_ignore_client_abort on; }",
        "location /here { return 200 here; }",
        "location /unix/ { proxy_pass http://unix:%PREFIX%/origin.sock:/there/; }",
        "location /once { keepalive_requests 2; return 200 once; }",
        http=KEPT + "upstream u { server %ORIGIN% max_fails=0; keepalive 8; }",
    )
    with Origin() as origin, kind(conf, ORIGIN=origin.address) as server:
        server.origin = origin
        yield server


@pytest.fixture
def play(server):
    """Return a function that gives the server's origin a script and returns the origin."""
    origin = server.origin

    def play(script):
        for peer in list(origin.peers):
            peer.leave()
        origin.requests.clear()
        origin.faults.clear()
        origin.script = script
        return origin

    play(echo)
    yield play
    assert origin.faults == []


def test_pipelined_requests_are_answered_in_their_order(server, play):
    play(echo)
    targets = [b"/pipelined/%d" % number for number in range(20)]
    with Client(server.address) as client:
        client.send(b"".join(request(b"GET", target) for target in targets))
        lines = [client.response().body.split(b" ")[1] for _ in targets]
    assert lines == targets


def test_pipelined_bodies_are_told_apart(server, play):
    origin = play(echo)
    bodies = [b"x" * size for size in (1, 0, 5000, 3)]
    with Client(server.address) as client:
        client.send(b"".join(request(b"POST", b"/post", body=body) for body in bodies))
        for _ in bodies:
            assert client.response().status == 200
    assert [asked.body for asked in origin.requests] == bodies


def test_a_request_that_comes_octet_by_octet(server, play):
    origin = play(echo)
    with Client(server.address) as client:
        for octet in request(b"POST", b"/slowly", body=b"0123456789"):
            client.send(bytes([octet]))
        assert client.response().status == 200
    assert origin.last.body == b"0123456789"


def test_a_response_that_comes_octet_by_octet(server, play):
    whole = response(b"0123456789", b"X-Slow: yes")

    def slowly(peer):
        peer.request()
        peer.send(*(bytes([octet]) for octet in whole))

    play(slowly)
    answer = get(server.address, b"/slow")
    assert (answer.body, answer.get(b"x-slow")) == (b"0123456789", b"yes")


CHUNKS = b"5;name=value\r\nhello\r\n6\r\n world\r\n0\r\n"


@pytest.mark.parametrize("place", [b"/buffered", b"/streamed/"])
@pytest.mark.parametrize("trailer", [b"", b"X-Sum: 1\r\n"])
def test_a_chunked_request_and_the_one_behind_it(server, play, place, trailer):
    origin = play(echo)
    head = request(b"POST", place, b"Transfer-Encoding: chunked")
    with Client(server.address) as client:
        client.send(head + CHUNKS + trailer + b"\r\n" + request(b"GET", b"/next"))
        assert client.response().status == 200
        assert client.response().body.startswith(b"GET /next ")
    assert origin.requests[0].body == b"hello world"


def test_a_streamed_request_reaches_the_upstream_while_it_comes(server, play):
    came = threading.Event()

    def waits_for_the_first_chunk(peer):
        peer.head()
        peer.reader.until(b"first")
        came.set()
        peer.reader.until(b"0\r\n\r\n")
        peer.send(response(b"both"))

    play(waits_for_the_first_chunk)
    with Client(server.address) as client:
        client.send(request(b"POST", b"/streamed/", b"Transfer-Encoding: chunked"))
        client.send(b"5\r\nfirst\r\n")
        assert came.wait(5)
        client.send(b"6\r\nsecond\r\n0\r\n\r\n")
        assert client.response().body == b"both"


def test_a_chunked_response_and_the_one_behind_it(server, play):
    play(answers(chunked([b"hello", b" world"], trailers=[b"X-Sum: 1"])))
    with Client(server.address) as client:
        for _ in range(3):
            answer = client.get(b"/chunked")
            assert answer.body == b"hello world"
            assert b"x-sum" not in answer


def test_a_streamed_response_reaches_the_client_while_it_comes(server, play):
    seen = threading.Event()

    def waits_between(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        seen.wait(10)
        peer.send(b"6\r\nsecond\r\n0\r\n\r\n")

    play(waits_between)
    with Client(server.address) as client:
        client.send(request(b"GET", b"/unbuffered/"))
        client.reader.until(b"first")
        seen.set()
        client.reader.until(b"second\r\n0\r\n\r\n")


def test_an_upstream_that_ends_its_body_by_closing(server, play):
    def closes(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")

    play(closes)
    with Client(server.address) as client:
        for _ in range(2):
            answer = client.get(b"/closing")
            assert answer.body == b"until the end"
            assert answer.get(b"transfer-encoding") == b"chunked"


def test_an_http_1_0_upstream(server, play):
    def old(peer):
        peer.request()
        peer.send(b"HTTP/1.0 200 Fine\r\nX-Old: yes\r\n\r\nold times")

    play(old)
    answer = get(server.address, b"/old")
    assert (answer.body, answer.reason, answer.minor) == (b"old times", b"Fine", 1)


def test_an_http_1_0_client_gets_a_body_that_ends_by_closing(server, play):
    play(answers(chunked([b"hello", b" world"])))
    with Client(server.address) as client:
        answer = client.ask(b"GET /old HTTP/1.0\r\n\r\n")
    assert answer.body == b"hello world"
    assert b"transfer-encoding" not in answer
    assert answer.get(b"connection") == b"close"


def test_an_http_1_0_client_may_ask_to_be_kept(server, play):
    play(echo)
    with Client(server.address) as client:
        for _ in range(2):
            answer = client.ask(b"GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert answer.get(b"connection") == b"keep-alive"


def test_an_http_1_1_client_may_ask_to_be_closed(server, play):
    play(echo)
    with Client(server.address) as client:
        assert client.get(b"/", b"Connection: close").get(b"connection") == b"close"
        assert client.closed()


def test_a_connection_ends_after_keepalive_requests(server):
    with Client(server.address) as client:
        assert client.get(b"/once").get(b"connection") == b"keep-alive"
        assert client.get(b"/once").get(b"connection") == b"close"
        assert client.closed()


def test_head_has_the_length_of_the_body_and_no_body(server, play):
    play(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"))
    with Client(server.address) as client:
        for _ in range(2):
            answer = client.ask(request(b"HEAD", b"/head"), to=b"HEAD")
            assert answer.get(b"content-length") == b"1234"


def test_head_of_what_is_chunked(server, play):
    play(answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
    with Client(server.address) as client:
        for _ in range(2):
            assert client.ask(request(b"HEAD", b"/head"), to=b"HEAD").status == 200


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_statuses_that_have_no_body(server, play, status):
    play(answers(b"HTTP/1.1 " + status + b'\r\nETag: "e"\r\n\r\n'))
    with Client(server.address) as client:
        for _ in range(2):
            answer = client.get(b"/empty")
            assert answer.line == b"HTTP/1.1 " + status
            assert answer.get(b"etag") == b'"e"'
            assert b"content-length" not in answer
            assert b"transfer-encoding" not in answer


def test_a_304_may_say_how_long_the_body_would_be(server, play):
    play(answers(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"))
    with Client(server.address) as client:
        for _ in range(2):
            assert client.get(b"/empty").status == 304


@pytest.mark.parametrize("interim", [b"100 Continue", b"103 Early Hints"])
def test_an_upstreams_interim_response_is_swallowed(server, play, interim):
    if server.name == "nginx":
        pytest.skip("nginx 1.22 does not read on after an interim response")
    play(answers(b"HTTP/1.1 " + interim + b"\r\nLink: <a>\r\n\r\n" + response(b"final")))
    with Client(server.address) as client:
        client.send(request(b"POST", b"/interim", body=b"x"))
        assert client.response().body == b"final"


def test_a_client_that_expects_100_continue_and_does_not_wait(server, play):
    play(echo)
    with Client(server.address) as client:
        octets = request(b"POST", b"/hasty", b"Expect: 100-continue", body=b"at once")
        assert client.ask(octets).body.endswith(b"at once")
        assert client.get(b"/next").status == 200


def test_a_client_that_expects_100_continue_and_is_refused(server):
    head = request(b"POST", b"/big", b"Expect: 100-continue", b"Content-Length: 2000000")
    with Client(server.address) as client:
        client.send(head)
        assert client.response().status == 413


def test_an_upstream_may_answer_before_the_body_is_there(server, play):
    def early(peer):
        peer.head()
        peer.send(response(b"no", status=b"401 Unauthorized"))
        peer.gone()

    play(early)
    with Client(server.address) as client:
        client.send(request(b"POST", b"/streamed/", b"Content-Length: 100000"))
        assert client.response().status == 401


def test_a_client_that_has_nothing_more_to_say_is_answered(server):
    with Client(server.address) as client:
        client.send(request(b"GET", b"/here") * 3)
        client.half_close()
        assert [client.response().body for _ in range(3)] == [b"here"] * 3


def test_a_half_closed_client_waits_for_its_upstream_where_aborts_are_ignored(server, play):
    gate = threading.Event()

    def slow(peer):
        peer.request()
        gate.wait(10)
        peer.send(response(b"late"))

    origin = play(slow)
    with Client(server.address) as client:
        client.send(request(b"GET", b"/patient/"))
        client.half_close()
        origin.wait(1)
        gate.set()
        assert client.response().body == b"late"


def test_an_upstreams_connection_fields_are_its_own(server, play):
    play(answers(response(b"a", b"Connection: close", b"Keep-Alive: timeout=3"), close=True))
    with Client(server.address) as client:
        for _ in range(2):
            answer = client.get(b"/hop")
            assert answer.get(b"connection") == b"keep-alive"
            assert b"keep-alive" not in answer


def test_fields_that_connection_names_go_no_further(server, play):
    if server.name == "nginx":
        pytest.skip("nginx passes them, against RFC 9110 section 7.6.1")
    origin = play(answers(response(b"a", b"Connection: X-Up", b"X-Up: 1")))
    answer = get(server.address, b"/hop", b"Connection: keep-alive, X-Down", b"X-Down: 1")
    assert b"x-down" not in origin.last
    assert b"x-up" not in answer


def test_field_names_and_values_pass_as_they_came(server, play):
    field = b"x-oDD-Case: \xc3\xa4\tb  c"
    play(answers(response(b"", b"ReSPonse-x: \xe4 1")))
    answer = get(server.address, b"/odd", field)
    assert field in server.origin.last.raw
    assert (b"ReSPonse-x", b"\xe4 1") in answer.fields


def test_lines_of_one_name_stay_lines(server, play):
    origin = play(answers(response(b"", b"Set-Cookie: a=1", b"Set-Cookie: b=2")))
    answer = get(server.address, b"/many", b"X-Many: 1", b"X-Many: 2")
    assert answer.all(b"set-cookie") == [b"a=1", b"b=2"]
    assert origin.last.all(b"x-many") == [b"1", b"2"]


def test_connections_to_the_upstream_are_kept_and_used_again(server, play):
    origin = play(echo)
    accepted = len(origin.peers)
    for _ in range(5):
        assert get(server.address, b"/kept").status == 200
    assert len(origin.peers) == accepted + 1


def test_what_an_upstream_says_beyond_its_length_is_dropped(server, play):
    def chatty(peer):
        while True:
            peer.request()
            peer.send(response(b"said") + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")

    play(chatty)
    with Client(server.address) as client:
        for _ in range(3):
            assert client.get(b"/chatty").body == b"said"


def test_a_unix_upstream(server, play):
    with Origin(path=server.prefix / "origin.sock") as origin:
        (server.prefix / "origin.sock").chmod(0o777)
        assert get(server.address, b"/unix/a?b").status == 200
    assert origin.last.target == b"/there/a?b"


def test_a_unix_listener(kind, origin):
    conf = serving("listen unix:%PREFIX%/proxy.sock;", "location / { return 200 unix; }")
    with installed(kind)(conf) as server:
        assert get(f"unix:{server.prefix}/proxy.sock").body == b"unix"


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
    ],
)
def test_a_response_cut_short_is_never_made_to_look_whole(server, play, octets):
    def cut(peer):
        peer.request()
        peer.send(octets)

    play(cut)
    with Client(server.address) as client, pytest.raises((ClosedError, ConnectionError)):
        client.get(b"/cut")


@pytest.mark.parametrize(
    "octets", [b"", b"HTTP/1.1 200 OK\r\nX-Half: "], ids=["nothing", "half-a-head"]
)
def test_an_upstream_that_closes_before_its_head_is_whole_is_a_502(server, play, octets):
    def closes(peer):
        peer.request()
        peer.send(octets)

    play(closes)
    assert get(server.address, b"/closes").status == 502


@pytest.mark.parametrize("octets", [b"garbage\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"])
def test_an_upstream_that_does_not_speak_http_is_a_502(server, play, octets):
    if server.name == "nginx":
        pytest.skip("nginx takes it for HTTP/0.9 and passes it to the client as it is")

    def babbles(peer):
        peer.request()
        peer.send(octets)

    play(babbles)
    assert get(server.address, b"/babble").status == 502


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n", 400, id="nul-in-value"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", 400, id="space-before-colon"),
        pytest.param(b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, id="version-2"),
        pytest.param(b"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400, id="lower-case-method"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n",
            400,
            id="two-framings",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            400,
            id="two-lengths",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, id="negative-length"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, id="coding"
        ),
        pytest.param(
            b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            id="chunked-in-1.0",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            400,
            id="bad-chunk-size",
        ),
    ],
)
def test_heads_that_are_refused(server, play, octets, status):
    origin = play(echo)
    with Client(server.address) as client:
        assert client.ask(octets).status == status
        client.half_close()
        assert client.closed()
    assert origin.requests == []


@pytest.mark.parametrize(
    "octets",
    [
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["connect", "trace"],
)
def test_methods_that_a_proxy_must_not_do_end_the_connection(server, play, octets):
    origin = play(echo)
    with Client(server.address) as client:
        assert client.ask(octets).status in (400, 405)
        assert client.closed()
    assert origin.requests == []


def test_a_refused_request_is_never_followed_by_another(server, play):
    origin = play(echo)
    smuggled = request(b"GET", b"/smuggled")
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Client(server.address) as client:
        assert client.ask(head + b"0\r\n\r\n" + smuggled).status == 400
        assert client.closed()
    assert origin.requests == []


def test_the_error_page_of_a_head_request_has_no_body(server):
    with Client(server.address) as client:
        octets = request(b"HEAD", b"/a%00")
        answer = client.ask(octets, to=b"HEAD")
        assert answer.status == 400
        assert client.closed()


def test_the_post_behind_an_unread_body_is_not_taken_for_a_request(server):
    """`return` answers without reading the body; the connection must skip it."""
    with Client(server.address) as client:
        client.send(request(b"POST", b"/here", body=b"GET /evil HTTP/1.1\r\n\r\n"))
        client.send(request(b"GET", b"/here"))
        assert [client.response().body for _ in range(2)] == [b"here", b"here"]


def test_a_request_answered_by_the_proxy_itself(server):
    answer = ask(server.address, request(b"GET", b"/here"))
    assert answer.fields[0][0] == b"Server"
    assert answer.fields[1][0] == b"Date"
    assert [name for name, _ in answer.fields[2:]] == [
        b"Content-Type",
        b"Content-Length",
        b"Connection",
    ]
