"""What an application behind a gateway protocol is told of a request."""

import pytest

from tests.support.applications import fastcgi
from tests.support.client import get
from tests.support.inside import Inside, proxying
from tests.support.origin import Origin

PASS = "fastcgi_pass %ORIGIN%;"


def params(location="", *fields, http=""):
    with proxying(fastcgi(), f"location / {{ {PASS} {location} }}", http=http) as server:
        assert get(server.address, b"/", *fields).status == 200
        return server.origin.last.params


def test_fields_of_the_request_are_params_of_their_own():
    told = params("", b"X-One: 1", b"Content-Type: text/plain")
    assert told == {
        "HTTP_HOST": b"localhost",
        "HTTP_X_ONE": b"1",
        "HTTP_CONTENT_TYPE": b"text/plain",
    }


def test_lines_of_one_name_are_joined():
    told = params("", b"A: 1", b"a: 2", b"Cookie: x=1", b"Cookie: y=2")
    assert told["HTTP_A"] == b"1, 2"
    assert told["HTTP_COOKIE"] == b"x=1; y=2"


def test_a_param_stands_before_a_field():
    assert params("fastcgi_param HTTP_HOST fixed;", b"X: 1") == {
        "HTTP_HOST": b"fixed",
        "HTTP_X": b"1",
    }


def test_no_client_says_which_proxy_an_application_uses():
    assert "HTTP_PROXY" not in params("", b"Proxy: http://evil")


def test_fields_are_left_out_on_demand():
    told = params("fastcgi_pass_request_headers off; fastcgi_param A 1;", b"X: 1")
    assert told == {"A": b"1"}


def test_an_empty_param_may_be_left_out():
    told = params("fastcgi_param A $arg_a; fastcgi_param B $arg_b if_not_empty;")
    assert told["A"] == b""
    assert "B" not in told


def test_params_of_an_inner_level_replace_the_outer_ones():
    told = params("fastcgi_param B 2;", http="fastcgi_param A 1;")
    assert "A" not in told
    assert told["B"] == b"2"


def test_the_next_peer_is_asked_where_one_is_gone():
    with Origin(fastcgi()) as gone:
        address = gone.address
    http = f"upstream app {{ server {address}; server %ORIGIN%; }}"
    with proxying(fastcgi(), "location / { fastcgi_pass app; }", http=http) as server:
        assert [get(server.address).status for _ in range(2)] == [200, 200]


def test_a_failure_is_logged_with_the_protocol():
    with proxying(fastcgi(lambda _: b"no head"), f"location / {{ {PASS} }}") as server:
        assert get(server.address, b"/x").status == 502
        assert f'upstream: "fastcgi://{server.origin.address}/x"' in server.errors()


@pytest.mark.parametrize("address", ["$arg_to", "$arg_to$arg_nothing"])
def test_the_address_may_be_computed(address):
    with (
        Origin(fastcgi()) as application,
        Inside(f"location / {{ fastcgi_pass {address}; }}") as server,
    ):
        assert get(server.address, b"/?to=" + application.address.encode()).body == b"hello"
        assert get(server.address, b"/?to=").status == 502


def test_an_application_may_listen_on_a_unix_socket(tmp_path):
    with (
        Origin(fastcgi(), path=tmp_path / "app") as application,
        Inside(f"location / {{ fastcgi_pass {application.address}; }}") as server,
    ):
        assert get(server.address).body == b"hello"


def test_what_is_to_be_stored_is_asked_for_as_a_whole():
    http = "fastcgi_cache_path %PREFIX%/cache keys_zone=one:1m;"
    location = "fastcgi_cache one; fastcgi_cache_valid 1m;"
    with proxying(fastcgi(), f"location / {{ {PASS} {location} }}", http=http) as server:
        for _ in range(2):
            answer = get(server.address, b"/", b"Range: bytes=0-1", b'If-None-Match: "x"')
            assert (answer.status, answer.body) in ((206, b"he"), (200, b"hello"))
        assert len(server.origin.requests) == 1
        assert "HTTP_RANGE" not in server.origin.last.params
        assert "HTTP_IF_NONE_MATCH" not in server.origin.last.params
