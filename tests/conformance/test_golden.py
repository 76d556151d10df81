"""Golden cases: one configuration, the same answers from forkproxy and from the real nginx.

Where the two may differ, the test says so:
- D1: what a regular expression captured decoded is encoded again (nginx sends it raw).
- A fragment in a request target goes nowhere (case 35).
- Defaults of nginx 1.29.7: requests to upstreams are HTTP/1.1 and kept alive, where
  older ones send HTTP/1.0 and "Connection: close".
"""

import pytest

from tests.conftest import installed
from tests.support.client import Client, ask, get, request
from tests.support.origin import Origin, echo, response
from tests.support.proxy import Nginx, Proxy, serving

UPSTREAM = """
    upstream u { server %ORIGIN%; }
    upstream h { server %ORIGIN%; }
    upstream raw { server %RAW%; }
    default_type text/plain;
"""

SERVER = r"""
        server_name first.example second.example;

        location /p1/ { proxy_pass http://u/; }
        location /p2/ { proxy_pass http://u; }
        location /p3 { proxy_pass http://u/q; }
        location /p4/ { proxy_pass http://u/q; }
        location ~ ^/p5/(.*) { proxy_pass http://raw/z/$1; }
        location ~ ^/p6/(.*) { proxy_pass http://u/z/$1$is_args$args; }
        location ~ ^/p6lost/(.*) { proxy_pass http://u/z/$1; }
        location /p7/ { rewrite ^/p7/(.*)$ /n/$1 break; proxy_pass http://u/IGN; }
        location /p8/ { set $b h; proxy_pass http://$b; }
        location /p9/ { set $b h; proxy_pass http://$b/fixed; }

        location = /lp { return 200 exact; }
        location /lp { return 200 prefix; }
        location ^~ /lp/static/ { return 200 caret; }
        location ~ /lp/.*\.x$ { return 200 "first regex"; }
        location ~ \.x$ { return 200 "second regex"; }
        location /lp/long/prefix/ { return 200 longest; }

        location /slash/ { proxy_pass http://u; }
        location /set/ { proxy_set_header X-A 1; proxy_pass http://u; }
        location /set/again/ { proxy_set_header Host $http_host; proxy_pass http://u; }

        location /away { return 302 /there; }
        location /rd/ { proxy_pass http://redirects/b/; }
        location /names { return 200 "$host|$http_host|$server_name"; }
        location /silent { return 444; }
        location /small/ { client_max_body_size 8; proxy_pass http://u; }
"""


def sends_a_location(peer):
    """Redirect to a name below what proxy_pass says, and once to a stranger."""
    while True:
        asked = peer.request()
        place = (
            b"http://elsewhere/b/new" if b"stranger" in asked.target else b"http://redirects/b/new"
        )
        peer.send(response(b"", b"Location: " + place, status=b"302 Found"))
        if asked.minor == 0:
            return


def first_line(peer):
    """Answer each request with its first line, which need not be a valid one."""
    while True:
        head = peer.reader.until(b"\r\n\r\n")
        peer.send(response(head.partition(b"\r\n")[0]))
        if b" HTTP/1.0\r\n" in head:
            return


@pytest.fixture(scope="module", params=[Nginx, Proxy], ids=lambda kind: kind.name)
def server(request):
    kind = installed(request.param)
    with (
        Origin(echo) as origin,
        Origin(first_line) as raw,
        Origin(sends_a_location) as redirects,
        kind(
            serving(SERVER, http=UPSTREAM + "upstream redirects { server %REDIRECTS%; }"),
            ORIGIN=origin.address,
            RAW=raw.address,
            REDIRECTS=redirects.address,
        ) as server,
    ):
        server.origin = origin
        yield server


def sent(server, target, *fields):
    """Return the target that the origin is sent for a GET of `target`."""
    answer = get(server.address, target, *fields)
    assert answer.status == 200
    return server.origin.last.target


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param(b"/p1/a/b?x=1", b"/a/b?x=1", id="1-prefix-replaced"),
        pytest.param(b"/p1//a/../b%2Fc", b"/b/c", id="2-normalised-and-decoded"),
        pytest.param(b"/p1/a%20b%3Fc%23d", b"/a%20b%3Fc%23d", id="2-encoded-where-it-must-be"),
        pytest.param(b"/p1/%7Eme/%e4", b"/~me/%E4", id="2-unreserved-stay-decoded"),
        pytest.param(b"/p2/a%20b//c/../d?x=1", b"/p2/a%20b//c/../d?x=1", id="3-as-it-came"),
        pytest.param(b"/p3/a", b"/q/a", id="4-prefix-without-slash"),
        pytest.param(b"/p3a", b"/qa", id="4-prefix-inside-a-word"),
        pytest.param(b"/p4/a", b"/qa", id="5-slash-swallowed"),
        pytest.param(b"/p6/a?x=1", b"/z/a?x=1", id="6-query-passed-by-hand"),
        pytest.param(b"/p6lost/a?x=1", b"/z/a", id="6-query-lost"),
        pytest.param(b"/p7/a?x=1", b"/n/a?x=1", id="8-uri-ignored-after-rewrite"),
        pytest.param(b"/p8/a%2Fb?x=1", b"/p8/a%2Fb?x=1", id="9-variable-host"),
        pytest.param(b"/p9/a?x=1", b"/fixed", id="10-variable-host-and-uri"),
        pytest.param(b"/p1/a#frag", b"/a", id="35-fragment-cut"),
        pytest.param(b"/p1/a?x=1#frag", b"/a?x=1", id="35-fragment-cut-after-the-query"),
    ],
)
def test_the_target_that_proxy_pass_makes(server, target, expected):
    assert sent(server, target) == expected


def test_what_a_capture_decoded_is_encoded_again(server):
    """Case 7, deviation D1: a raw space on the wire would end the target there."""
    answer = get(server.address, b"/p5/a%20b")
    target = answer.body.removeprefix(b"GET ").rpartition(b" HTTP/1.")[0]
    assert target == (b"/z/a b" if server.name == "nginx" else b"/z/a%20b")


def test_a_fragment_is_cut_even_where_the_target_passes_as_it_came(server):
    """Case 35. nginx passes it on there, though RFC 9110 section 7.1 leaves it no place."""
    assert sent(server, b"/p2/a#frag") == (b"/p2/a#frag" if server.name == "nginx" else b"/p2/a")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/lp", b"exact"),
        (b"/lpx", b"prefix"),
        (b"/lp/static/a.x", b"caret"),
        (b"/lp/long/prefix/b.x", b"first regex"),
        (b"/other.x", b"second regex"),
        (b"/lp/long/prefix/b", b"longest"),
    ],
)
def test_which_location_answers(server, target, expected):
    """Case 11."""
    assert get(server.address, target).body == expected


def test_a_proxied_prefix_without_its_slash_is_redirected_to_it(server):
    """Case 12."""
    answer = get(server.address, b"/slash")
    assert answer.status == 301
    assert answer.get(b"location") == b"http://localhost:%d/slash/" % server.port()


def test_that_redirect_keeps_the_query(server):
    """Case 12."""
    answer = get(server.address, b"/slash?a=1")
    assert answer.get(b"location") == b"http://localhost:%d/slash/?a=1" % server.port()


def expected_head(server, target, host, *lines):
    """Return a request head as the server's version makes it by default."""
    if server.name == "nginx" and server.version() < (1, 29, 7):
        first = [b"GET %s HTTP/1.0" % target, *host, b"Connection: close"]
    else:
        first = [b"GET %s HTTP/1.1" % target, *host]
    return [*first, *lines]


def lines(head):
    return head.removesuffix(b"\r\n\r\n").split(b"\r\n")


def test_the_fields_an_upstream_gets_by_default(server):
    """Case 15."""
    answer = get(
        server.address,
        b"/p2/fields",
        b"Connection: keep-alive",
        b"Keep-Alive: timeout=5",
        b"TE: gzip",
        b"Expect: 100-continue",
        b"Upgrade: websocket",
        b"X_Under: dropped",
        b"X-Empty:",
        b"Proxy-Connection: keep-alive",
        b"X-Mixed-CASE: kept",
    )
    assert lines(answer.body) == expected_head(
        server,
        b"/p2/fields",
        [b"Host: u"],
        b"X-Empty: ",
        b"Proxy-Connection: keep-alive",
        b"X-Mixed-CASE: kept",
    )


def test_lines_of_our_own_come_first_and_the_defaults_stay(server):
    """Case 16. Newer ones have Host before all others, RFC 9110 §5.3."""
    answer = get(server.address, b"/set/a", b"X-B: 2")
    own = [b"Host: u", b"X-A: 1"]
    if server.name == "nginx" and server.version() < (1, 29):
        own.reverse()
    assert lines(answer.body) == expected_head(server, b"/set/a", own, b"X-B: 2")


def test_a_host_of_our_own_replaces_the_default(server):
    """Case 16."""
    answer = get(server.address, b"/set/again/a")
    assert lines(answer.body) == expected_head(server, b"/set/again/a", [b"Host: localhost"])


def test_a_relative_redirect_is_made_absolute_with_the_listeners_port(server):
    """Case 29."""
    answer = get(server.address, b"/away")
    assert answer.status == 302
    assert answer.get(b"location") == b"http://localhost:%d/there" % server.port()


def test_an_upstreams_redirect_is_turned_back_to_the_location(server):
    """Case 30: proxy_redirect default."""
    answer = get(server.address, b"/rd/x")
    assert answer.status == 302
    assert answer.get(b"location") == b"http://localhost:%d/rd/new" % server.port()


def test_an_upstreams_redirect_to_elsewhere_passes(server):
    """Case 30."""
    assert get(server.address, b"/rd/stranger").get(b"location") == b"http://elsewhere/b/new"


def test_the_three_names_of_the_host(server):
    """Case 31."""
    answer = ask(server.address, b"GET /names HTTP/1.1\r\nHost: UPPER.Com:99\r\n\r\n")
    assert answer.body == b"upper.com|UPPER.Com:99|first.example"


def test_the_server_name_is_the_first_one_whichever_was_asked_for(server):
    """Case 31."""
    answer = ask(server.address, b"GET /names HTTP/1.1\r\nHost: second.example\r\n\r\n")
    assert answer.body == b"second.example|second.example|first.example"


def test_without_a_host_the_servers_name_stands_in(server):
    """Case 31."""
    answer = ask(server.address, b"GET /names HTTP/1.0\r\n\r\n")
    assert answer.body == b"first.example||first.example"


def test_the_host_of_an_absolute_target_wins(server):
    """Case 32."""
    answer = ask(server.address, b"GET http://other.com/names HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.body == b"other.com|localhost|first.example"


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        pytest.param(b"GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="nul"),
        pytest.param(b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="space-in-target"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400, id="two-hosts"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="options-asterisk"),
        pytest.param(b"TRACE /p2/ HTTP/1.1\r\nHost: x\r\n\r\n", 405, id="trace"),
        pytest.param(b"GET /../a HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="above-the-root"),
        pytest.param(b"GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="bad-percent"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no-host"),
    ],
)
def test_requests_that_are_refused_as_such(server, octets, status):
    """Case 34."""
    before = len(server.origin.requests)
    assert ask(server.address, octets).status == status
    assert len(server.origin.requests) == before


def test_444_closes_without_an_octet(server):
    """Case 36."""
    with Client(server.address) as client:
        client.send(request(b"GET", b"/silent"))
        assert client.closed()


def test_100_continue_comes_from_the_proxy_and_the_field_goes_no_further(server):
    """Case 37."""
    head = request(b"POST", b"/p2/upload", b"Content-Length: 4", b"Expect: 100-continue")
    with Client(server.address) as client:
        client.send(head)
        assert client.response().status == 100
        answer = client.ask(b"body")
    assert answer.status == 200
    assert server.origin.last.body == b"body"
    assert b"expect" not in server.origin.last


def test_a_body_over_the_limit_never_reaches_the_upstream(server):
    """Case 38."""
    before = len(server.origin.requests)
    answer = ask(server.address, request(b"POST", b"/small/a", body=b"123456789"))
    assert answer.status == 413
    assert len(server.origin.requests) == before


def test_a_body_of_exactly_the_limit_passes(server):
    """Case 38."""
    answer = ask(server.address, request(b"POST", b"/small/a", body=b"12345678"))
    assert answer.status == 200
