"""An upstream's answer becomes ours."""

from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import answers, hangs_up, response

PASS = "proxy_pass http://%ORIGIN%;"


def answered(octets, location=f"location / {{ {PASS} }}", path=b"/"):
    """Return what the client gets of an answer."""
    with proxying(answers(octets), location) as server:
        return get(server.address, path)


def test_an_upstream_is_hidden_from_clients():
    with proxying(hangs_up, "location / { proxy_pass http://%ORIGIN%; }") as server:
        answer = get(server.address)
        assert b"%d" % server.origin.port not in answer.raw


def test_of_a_field_that_may_stand_only_once_the_first_counts():
    octets = response(b"x", b"Content-Type: text/a", b"Content-Type: text/b", b"X: 1", b"X: 2")
    answer = answered(octets)
    assert answer.all(b"content-type") == [b"text/a"]
    assert answer.all(b"x") == [b"1", b"2"]


def test_what_connection_names_is_not_passed_on():
    answer = answered(response(b"x", b"Connection: X-Hop", b"X-Hop: 1", b"X: 2"))
    assert (answer.get(b"x-hop"), answer.get(b"x")) == (None, b"2")


def test_an_upgrade_that_nobody_asked_for_is_a_502():
    assert answered(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n").status == 502


def test_x_accel_redirect_is_answered_by_another_location_with_some_fields_kept():
    location = f"location / {{ {PASS} }} location /in {{ internal; return 200 inside$arg_a; }}"
    octets = response(b"x", b"X-Accel-Redirect: /in?a=1", b"Set-Cookie: c=1", b"X-Other: 1")
    answer = answered(octets, location)
    assert (answer.status, answer.body) == (200, b"inside1")
    assert (answer.get(b"set-cookie"), answer.get(b"x-other")) == (b"c=1", None)


def test_x_accel_redirect_is_a_field_like_others_where_it_is_ignored():
    location = f"location / {{ proxy_ignore_headers X-Accel-Redirect; {PASS} }}"
    assert answered(response(b"x", b"X-Accel-Redirect: /in"), location).body == b"x"


def test_an_error_is_ours_where_errors_are_intercepted():
    location = f"location / {{ proxy_intercept_errors on; error_page 503 =200 /e; {PASS} }}"
    octets = response(b"theirs", status=b"503 No")
    assert answered(octets, location + "location /e { return 200 ours; }").body == b"ours"
    assert answered(octets).body == b"theirs"
