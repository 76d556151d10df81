"""The phases run in nginx's order, and an internal redirect begins them anew."""

import pytest

from forkproxy.core.plan import Location, Server
from tests.support.client import ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import echo


def body(target, *server, **given):
    with Inside(*server, **given) as inside:
        return get(inside.address, target).body


def test_the_servers_rewrite_code_runs_before_the_location_is_found():
    conf = "rewrite ^/old /new; location /new { return 200 new; } location /old { return 200 old; }"
    assert body(b"/old", conf) == b"new"


def test_a_rewrite_in_a_location_finds_another_one():
    conf = "location /a { rewrite ^ /b; } location /b { return 200 $uri; }"
    assert body(b"/a", conf) == b"/b"


def test_a_rewrite_in_a_location_does_not_run_the_servers_code_again():
    conf = """
        rewrite ^/a$ /b;
        location = /b { rewrite ^ /a; }
        location = /a { return 200 a; }
    """
    assert body(b"/a", conf) == b"a"


def test_an_internal_redirect_runs_the_servers_code_again():
    conf = """
        rewrite ^/page$ /other;
        location /x { error_page 404 =200 /page; return 404; }
        location /other { return 200 other; }
    """
    assert body(b"/x", conf) == b"other"


def test_try_files_comes_after_the_rewrite_code():
    conf = """
        location / { try_files /none /fallback; return 200 returned; }
        location /fallback { return 200 fallback; }
    """
    assert body(b"/", conf) == b"returned"


def test_ten_rewrites_in_a_row_are_allowed():
    steps = "".join(f"location = /{n} {{ rewrite ^ /{n - 1}; }}" for n in range(1, 12))
    conf = steps + "location = /0 { return 200 there; }"
    with Inside(conf) as server:
        assert get(server.address, b"/10").body == b"there"
        assert get(server.address, b"/11").status == 500


@pytest.mark.parametrize(
    "location",
    [
        "location / { rewrite ^ /again last; }",
        "location / { try_files /none /again; }",
        "location / { recursive_error_pages on; error_page 404 =200 /again; return 404; }",
        "location / { try_files /none @n; } location @n { rewrite ^ /again; }",
    ],
)
def test_a_cycle_is_a_500_with_a_reason_in_the_log(location):
    with Inside(location) as server:
        assert get(server.address).status == 500
        assert "rewrite or internal redirection cycle" in server.errors()


def test_a_cycle_shows_the_page_of_status_500_no_more():
    conf = "error_page 500 /500; location / { rewrite ^ /again; }"
    with Inside(conf) as server:
        assert b"500 Internal Server Error" in get(server.address).body


def test_an_internal_location_is_not_there_for_clients():
    conf = "location / { internal; return 200 secret; }"
    with Inside(conf) as server:
        assert get(server.address).status == 404


def test_an_internal_location_is_there_for_internal_redirects():
    conf = """
        location /in { internal; return 200 secret; }
        location /a { rewrite ^ /in; }
        location /b { error_page 404 =200 /in; return 404; }
        location /c { try_files /none /in; }
    """
    with Inside(conf) as server:
        for target in (b"/a", b"/b", b"/c"):
            assert get(server.address, target).body == b"secret"


def test_a_declared_length_above_the_limit_is_refused_before_the_body_is_read():
    conf = "client_max_body_size 10; location / { return 200 ok; }"
    with Inside(conf) as server:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"
        response = ask(server.address, head)
        assert response.status == 413
        assert response.get(b"connection") == b"close"
        assert "client intended to send too large body: 11 bytes" in server.errors()


def test_the_limit_is_that_of_the_location_that_a_rewrite_leads_to():
    conf = """
        location /large { client_max_body_size 0; rewrite ^ /small; }
        location /small { client_max_body_size 1; return 200 ok; }
    """
    with Inside(conf) as server:
        octets = request(b"POST", b"/large", body=b"two")
        assert ask(server.address, octets).status == 413


def test_the_page_of_a_413_is_shown_whatever_limit_it_has():
    conf = """
        client_max_body_size 1;
        error_page 413 =200 /page;
        location /page { return 200 page; }
    """
    with Inside(conf) as server:
        assert ask(server.address, request(b"POST", b"/", body=b"two")).body == b"page"


def test_no_limit_is_no_limit():
    conf = "client_max_body_size 0; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(echo, conf) as server:
        response = ask(server.address, request(b"POST", b"/", body=bytes(2 * 1024 * 1024)))
        assert len(response.body) > 2 * 1024 * 1024


def test_the_filters_are_those_of_the_location_that_answered():
    conf = """
        location /a { add_header X a; rewrite ^ /b; }
        location /b { add_header X b; return 200 ok; }
    """
    with Inside(conf) as server:
        assert get(server.address, b"/a").all(b"x") == [b"b"]


def test_levels_are_shown_by_their_names():
    assert repr(Location("~ \\.php$", b"")) == "<Location ~ \\.php$>"
    assert repr(Server(b"example.com")) == "<Server example.com>"
