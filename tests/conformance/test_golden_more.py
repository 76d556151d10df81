"""Golden cases of add_header, if, map, try_files, error_page and rewrite; see test_golden.py."""

import pytest

from tests.conftest import installed
from tests.support.client import Client, ask, get
from tests.support.origin import Origin, response
from tests.support.proxy import Nginx, Proxy, serving

HTTP = r"""
    default_type text/plain;
    upstream u { server %ORIGIN%; }
    map $arg_m $mapped { default D; "" E; a A; ~^x(?<rest>.*)$ R-$rest; *.ex.com W; }
    map $arg_m $named { hostnames; .ex.com W; www.ex.com X; default none; }
"""

SERVER = r"""
        root %PREFIX%/html;
        add_header X-S server;

        location /headers/inherited { return 200 a; }
        location /headers/own { add_header X-L location; return 200 a; }
        location /headers/missing { add_header X-L location; proxy_pass http://u/404; }
        location /headers/always { add_header X-L location always; proxy_pass http://u/404; }

        location /if/set { set $x 1; if ($arg_a) { set $x 2; } return 200 $x; }
        location /if/two {
            add_header X-Own own;
            if ($arg_a) { add_header X-A a; }
            if ($arg_b) { add_header X-B b; }
            proxy_pass http://u;
        }
        location /if/truth { if ($arg_z) { return 200 true; } return 200 false; }
        location /map { return 200 $mapped; }
        location /hostnames { return 200 $named; }

        location /try/ { try_files $uri $uri/ /fallback?u=$uri; }
        location /fallback { return 200 "$uri|$args|$request_uri"; }
        location /teapot { try_files /no =418; }

        location /pages/plain/ { error_page 404 /404.html; }
        location /pages/ok/ { error_page 404 =200 /404.html; }
        location /pages/named/ { error_page 404 = @elsewhere; }
        location /pages/away/ { error_page 404 http://e.com/x; }
        location @elsewhere { return 202 $uri; }
        location /pages/405/ { error_page 404 /says405; }
        location /pages/200/ { error_page 404 /says200; }
        location /pages/302/ { error_page 404 /says302; }
        location /pages/rewritten/ { error_page 404 /r4/a; }
        location /says405 { return 405; }
        location /says200 { return 200 text; }
        location /says302 { return 302 http://e.com/; }
        location /intercepted {
            proxy_intercept_errors on;
            error_page 500 =503 /404.html;
            proxy_pass http://u/500;
        }

        location /moved/ {
            proxy_pass http://u;
            proxy_redirect ~*/OLD/([a-z]+) /new/$1;
        }

        location /r1/ { rewrite ^/r1/(.*)$ /r1end/$1 last; }
        location /r1end/ { return 200 "$uri|$request_uri|$args"; }
        location /r3/ { rewrite ^/r3/(.*)$ /o/$1? permanent; }
        location /r4/ { rewrite ^/r4/(.*)$ /o/$1?z=1 redirect; }
        location /r5/ { rewrite ^/r5/(.*)$ http://e.com/$1; }
        location /loop/ { rewrite ^/loop/(.*)$ /loop/x$1 last; }
"""


def by_target(peer):
    """Answer with the status that the target names, or with 200."""
    while True:
        asked = peer.request()
        status = asked.target[1:4] if asked.target[1:4] in (b"404", b"500") else b"200"
        moved = [b"Location: http://other:1/old/place"] if b"moved" in asked.target else []
        peer.send(response(b"from upstream", *moved, status=status + b" Told"))
        if asked.minor == 0:
            return


@pytest.fixture(scope="module", params=[Nginx, Proxy], ids=lambda kind: kind.name)
def server(request):
    kind = installed(request.param)
    with (
        Origin(by_target) as origin,
        kind(serving(SERVER, http=HTTP), ORIGIN=origin.address) as server,
    ):
        html = server.prefix / "html"
        html.mkdir()
        (html / "404.html").write_text("the page")
        yield server


def body(server, target):
    answer = get(server.address, target)
    assert answer.status == 200
    return answer.body


def test_a_location_without_add_header_has_the_servers(server):
    """Case 13."""
    assert get(server.address, b"/headers/inherited").get(b"x-s") == b"server"


def test_one_add_header_in_the_location_hides_all_of_the_servers(server):
    """Case 13."""
    answer = get(server.address, b"/headers/own")
    assert answer.get(b"x-l") == b"location"
    assert b"x-s" not in answer


def test_add_header_leaves_an_upstreams_404_alone(server):
    """Case 14."""
    answer = get(server.address, b"/headers/missing")
    assert answer.status == 404
    assert b"x-l" not in answer


def test_add_header_always_means_a_404_too(server):
    """Case 14."""
    assert get(server.address, b"/headers/always").get(b"x-l") == b"location"


@pytest.mark.parametrize(("target", "expected"), [(b"/if/set?a=1", b"2"), (b"/if/set", b"1")])
def test_set_inside_if(server, target, expected):
    """Case 17."""
    assert body(server, target) == expected


@pytest.mark.parametrize(
    ("target", "fields"),
    [
        (b"/if/two", [b"x-own"]),
        (b"/if/two?a=1", [b"x-a"]),
        (b"/if/two?a=1&b=1", [b"x-b"]),
    ],
)
def test_the_last_if_that_matched_decides_the_whole_location(server, target, fields):
    """Case 18."""
    answer = get(server.address, target)
    assert answer.body == b"from upstream"
    assert [name for name in (b"x-own", b"x-a", b"x-b", b"x-s") if name in answer] == fields


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"0", b"false"), (b"", b"false"), (b"00", b"true"), (b"no", b"true")],
)
def test_what_if_takes_for_true(server, value, expected):
    """Case 19."""
    assert body(server, b"/if/truth?z=" + value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"", b"E"), (b"a", b"A"), (b"A", b"A"), (b"xyz", b"R-yz"), (b"q.ex.com", b"D"), (b"?", b"D")],
)
def test_map(server, value, expected):
    """Case 20: `*.` means nothing without `hostnames`."""
    assert body(server, b"/map?m=" + value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"a.ex.com", b"W"), (b"ex.com", b"W"), (b"www.ex.com", b"X"), (b"other", b"none")],
)
def test_map_with_hostnames(server, value, expected):
    """Case 21."""
    assert body(server, b"/hostnames?m=" + value) == expected


def test_the_fallback_of_try_files_has_a_query_of_its_own(server):
    """Case 22."""
    assert body(server, b"/try/no?q=1") == b"/fallback|u=/try/no|/try/no?q=1"


def test_try_files_with_a_status_answers_without_a_body(server):
    """Case 23."""
    answer = get(server.address, b"/teapot")
    assert answer.status == 418
    assert answer.body == b""


@pytest.mark.parametrize(
    ("target", "status", "content"),
    [
        (b"/pages/plain/x", 404, b"the page"),
        (b"/pages/ok/x", 200, b"the page"),
        (b"/pages/named/x", 202, b"/pages/named/x"),
    ],
)
def test_error_page(server, target, status, content):
    """Case 24."""
    answer = get(server.address, target)
    assert (answer.status, answer.body) == (status, content)


@pytest.mark.parametrize(
    ("target", "status", "content"),
    [
        pytest.param(b"/pages/405/x", 405, b"405 Not Allowed", id="an-error-is-its-own"),
        pytest.param(b"/pages/200/x", 404, b"text", id="a-text-keeps-the-error"),
        pytest.param(b"/pages/302/x", 302, b"302 Found", id="a-redirect-is-its-own"),
        pytest.param(b"/pages/rewritten/x", 302, b"302 Found", id="so-is-a-rewritten-one"),
    ],
)
def test_what_return_says_in_the_location_of_an_error_page(server, target, status, content):
    answer = get(server.address, target)
    assert answer.status == status
    assert content in answer.body


def test_proxy_redirect_by_a_regular_expression_replaces_the_whole_value(server):
    answer = get(server.address, b"/moved/x")
    assert answer.get(b"location").endswith(b"/new/place")
    assert b"other" not in answer.get(b"location")


def test_error_page_to_another_host_is_a_redirect(server):
    """Case 24."""
    answer = get(server.address, b"/pages/away/x")
    assert (answer.status, answer.get(b"location")) == (302, b"http://e.com/x")


def test_an_upstreams_error_intercepted(server):
    """Case 25."""
    answer = get(server.address, b"/intercepted")
    assert (answer.status, answer.body) == (503, b"the page")


def test_after_a_rewrite_only_request_uri_is_as_it_came(server):
    """Case 26."""
    assert body(server, b"/r1/a%20b?q=1") == b"/r1end/a b|/r1/a%20b?q=1|q=1"


@pytest.mark.parametrize(
    ("target", "status", "path"),
    [
        pytest.param(b"/r3/a?q=1", 301, b"/o/a", id="question-mark-drops-the-query"),
        pytest.param(b"/r4/a?q=1", 302, b"/o/a?z=1&q=1", id="own-query-first"),
    ],
)
def test_rewrite_to_a_redirect(server, target, status, path):
    """Case 27."""
    answer = get(server.address, target)
    assert answer.status == status
    assert answer.get(b"location") == b"http://localhost:%d%s" % (server.port(), path)


def test_rewrite_to_another_host_is_a_redirect_with_the_query(server):
    """Case 28."""
    answer = get(server.address, b"/r5/a?q=1")
    assert (answer.status, answer.get(b"location")) == (302, b"http://e.com/a?q=1")


def test_a_rewrite_that_never_ends_is_ended(server):
    """Case 33."""
    assert get(server.address, b"/loop/a").status == 500


def test_a_refused_head_is_answered_and_the_connection_closed(server):
    with Client(server.address) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
        answer = client.response()
        assert answer.get(b"connection") == b"close"
        assert client.closed()
    assert answer.status == 400


def test_an_unknown_path_has_the_usual_page(server):
    answer = ask(server.address, b"GET /no/such HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.status == 404
    assert answer.get(b"content-type") == b"text/html"
    assert b"<center><h1>404 Not Found</h1></center>\r\n" in answer.body
