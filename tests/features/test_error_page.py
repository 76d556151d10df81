"""error_page: another answer in place of our own errors, in all its forms."""

import pytest

from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, hangs_up, response

PAGES = """
    location /page { return 200 "page of $uri"; }
    location /gone { return 410; }
    location /moved { return 301 /elsewhere; }
    location @named { return 200 "named at $uri"; }
"""


def answer(page, *, status=404, target=b"/x"):
    conf = f"{PAGES} location / {{ {page} return {status}; }}"
    with Inside(conf) as server:
        response = get(server.address, target)
    return response.status, response.body


@pytest.mark.parametrize(
    ("page", "status", "body"),
    [
        ("error_page 404 /page;", 404, b"page of /page"),
        ("error_page 404 =200 /page;", 200, b"page of /page"),
        ("error_page 404 =503 /page;", 503, b"page of /page"),
        ("error_page 404 = /page;", 200, b"page of /page"),
        ("error_page 404 @named;", 404, b"named at /x"),
        ("error_page 404 =200 @named;", 200, b"named at /x"),
        ("error_page 404 = @named;", 200, b"named at /x"),
        ("error_page 403 404 405 /page;", 404, b"page of /page"),
        ("error_page 404 /page$uri;", 404, b"page of /page/x"),
        ("error_page 404 /page; error_page 404 /gone;", 404, b"page of /page"),
    ],
)
def test_the_page_and_its_status(page, status, body):
    assert answer(page) == (status, body)


def test_other_statuses_are_left_alone():
    status, body = answer("error_page 404 /page;", status=403)
    assert status == 403
    assert b"403 Forbidden" in body


def test_a_status_with_a_text_of_its_own_is_left_alone():
    with Inside(PAGES + "error_page 404 /page; location / { return 404 mine; }") as server:
        assert get(server.address).body == b"mine"


def test_a_location_inherits_the_pages_of_the_server():
    with Inside(PAGES + "error_page 404 /page; location / { return 404; }") as server:
        assert get(server.address).body == b"page of /page"


def test_a_location_with_pages_of_its_own_inherits_none():
    conf = PAGES + "error_page 404 /page; location / { error_page 403 /page; return 404; }"
    with Inside(conf) as server:
        assert b"404 Not Found" in get(server.address).body


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("error_page 404 http://example.com/gone;", 302),
        ("error_page 404 =301 http://example.com/gone;", 301),
        ("error_page 404 =307 http://example.com/gone;", 307),
        ("error_page 404 =200 http://example.com/gone;", 302),
    ],
)
def test_a_page_elsewhere_is_redirected_to(page, status):
    with Inside(f"location / {{ {page} return 404; }}") as server:
        response = get(server.address)
    assert response.status == status
    assert response.get(b"location") == b"http://example.com/gone"


def test_an_error_in_place_of_the_page_shows_its_own_status():
    assert answer("error_page 404 =200 /gone;")[0] == 410


def test_a_redirect_in_place_of_the_page_shows_its_own_status():
    assert answer("error_page 404 =200 /moved;")[0] == 301


def test_a_named_location_that_is_not_there_is_a_500():
    assert answer("error_page 404 @nobody;")[0] == 500


def test_pages_of_pages_are_shown_only_where_they_are_asked_for():
    conf = (
        PAGES
        + """
        location /once { error_page 404 /two; return 404; }
        location /twice { error_page 404 /three; return 404; }
        location /two { error_page 403 /page; return 403; }
        location /three { recursive_error_pages on; error_page 403 /page; return 403; }
    """
    )
    with Inside(conf) as server:
        assert b"403 Forbidden" in get(server.address, b"/once").body
        assert get(server.address, b"/twice").body == b"page of /page"


def test_the_page_of_a_post_is_got():
    conf = """
        error_page 405 =200 /page;
        location /page { proxy_pass http://%ORIGIN%; }
        location / { return 405; }
    """
    with proxying(answers(response(b"ok")), conf) as server:
        ask(server.address, request(b"POST", b"/", body=b"octets"))
        assert server.origin.last.method == b"GET"


def test_the_page_of_a_head_is_a_head():
    conf = PAGES + "location / { error_page 404 /page; return 404; }"
    with Inside(conf) as server, Client(server.address) as client:
        head = client.ask(request(b"HEAD", b"/"), to=b"HEAD")
        assert head.get(b"content-length") == b"13"
        assert client.get(b"/page").body == b"page of /page"


def test_an_upstream_that_fails_has_a_page():
    conf = PAGES + "error_page 502 =200 /page; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(hangs_up, conf) as server:
        assert get(server.address).body == b"page of /page"


def test_an_error_of_the_upstreams_own_has_none():
    script = answers(response(b"theirs", status=b"502 Bad"))
    conf = PAGES + "error_page 502 /page; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(script, conf) as server:
        assert get(server.address).body == b"theirs"


def test_an_error_of_the_upstreams_own_has_one_with_proxy_intercept_errors():
    script = answers(response(b"theirs", status=b"502 Bad"))
    conf = (
        PAGES
        + """
        error_page 502 /page; proxy_intercept_errors on; location / { proxy_pass http://%ORIGIN%; }
    """
    )
    with proxying(script, conf) as server:
        response_ = get(server.address)
    assert (response_.status, response_.body) == (502, b"page of /page")


def test_what_the_upstream_asks_for_is_shown_with_the_page():
    script = answers(response(b"", b"WWW-Authenticate: Basic", status=b"401 Unauthorized"))
    conf = (
        PAGES
        + """
        error_page 401 /none; proxy_intercept_errors on; location / { proxy_pass http://%ORIGIN%; }
        location /none { return 401; }
    """
    )
    with proxying(script, conf) as server:
        assert get(server.address).status == 401


def test_the_page_of_fields_that_are_too_large_is_asked_for_by_494():
    conf = PAGES + "large_client_header_buffers 2 1k; error_page 494 =431 /page;"
    with Inside(conf) as server:
        response_ = get(server.address, b"/", b"X: " + b"x" * 2000)
    assert response_.status in (400, 431)


def test_a_folder_without_an_index_has_a_page():
    conf = PAGES + "root files; error_page 403 /page;"
    with Inside(conf) as server:
        server.write("files/d/x")
        response_ = get(server.address, b"/d/")
    assert (response_.status, response_.body) == (403, b"page of /page")


def test_an_errors_page_does_not_say_since_when_it_is_there():
    conf = """
        root files; error_page 404 /page; location = /x { return 404; }
        location = /y { error_page 404 =200 /page; return 404; }
    """
    with Inside(conf) as server:
        server.write("files/page", b"a page")
        assert get(server.address, b"/x").body == b"a page"
        assert b"last-modified" not in get(server.address, b"/x")
        assert b"last-modified" in get(server.address, b"/y")
