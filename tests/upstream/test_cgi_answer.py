"""An answer of CGI's: fields, with the status among them."""

import pytest

from tests.support.applications import fastcgi, scgi, uwsgi
from tests.support.client import ask, get, request
from tests.support.inside import proxying

FAMILIES = [("fastcgi", fastcgi), ("scgi", scgi), ("uwsgi", uwsgi)]


def answered(family, script, octets, conf="", method=b"GET"):
    location = f"location / {{ {family}_pass %ORIGIN%; {conf} }}"
    with proxying(script(lambda _: octets), location) as server:
        return ask(server.address, request(method, b"/"), to=method)


@pytest.mark.parametrize(("family", "script"), FAMILIES)
@pytest.mark.parametrize(
    ("head", "status", "reason"),
    [
        (b"Content-Type: text/plain\r\n\r\n", 200, b"OK"),
        (b"Status: 404 Not Here\r\n\r\n", 404, b"Not Here"),
        (b"Status: 404\r\n\r\n", 404, b"Not Found"),
        (b"Location: /there\r\n\r\n", 302, b"Moved Temporarily"),
        (b"Location: /there\r\nStatus: 301 Moved\r\n\r\n", 301, b"Moved"),
        (b"Content-Type: text/plain\n\n", 200, b"OK"),
    ],
)
def test_the_status_is_a_field(family, script, head, status, reason):
    answer = answered(family, script, head + b"body")
    assert (answer.status, answer.reason, answer.body) == (status, reason, b"body")
    assert b"status" not in answer


@pytest.mark.parametrize(("family", "script"), FAMILIES[1:])
def test_a_status_line_may_stand_there_instead(family, script):
    answer = answered(family, script, b"HTTP/1.0 403 No\r\nX: 1\r\n\r\nbody")
    assert (answer.status, answer.reason, answer.get(b"x"), answer.body) == (
        403,
        b"No",
        b"1",
        b"body",
    )


@pytest.mark.parametrize(("family", "script"), FAMILIES)
@pytest.mark.parametrize(
    "head", [b"Status: abc\r\n\r\n", b"Status: 99\r\n\r\n", b"no field\r\n\r\n"]
)
def test_what_is_no_head_is_a_502(family, script, head):
    assert answered(family, script, head).status == 502


@pytest.mark.parametrize(("family", "script"), FAMILIES)
def test_more_than_its_length_says_is_cut_off(family, script):
    assert answered(family, script, b"Content-Length: 3\r\n\r\nabcdef").body == b"abc"


@pytest.mark.parametrize(("family", "script"), FAMILIES)
def test_an_answer_to_head_has_no_content(family, script):
    answer = answered(family, script, b"Content-Length: 4\r\n\r\nbody", method=b"HEAD")
    assert (answer.get(b"content-length"), answer.body) == (b"4", b"")


@pytest.mark.parametrize(("family", "script"), FAMILIES)
def test_a_transfer_coding_is_none_of_the_applications_business(family, script):
    answer = answered(family, script, b"Transfer-Encoding: chunked\r\n\r\nplain")
    assert answer.body == b"plain"


@pytest.mark.parametrize(("family", "script"), FAMILIES)
def test_the_applications_own_date_and_server_are_shown(family, script):
    answer = answered(family, script, b"Server: app\r\nDate: then\r\n\r\n")
    assert (answer.get(b"server"), answer.get(b"date")) == (b"app", b"then")
    answer = answered(family, script, b"Server: app\r\n\r\n", f"{family}_hide_header Server;")
    assert answer.get(b"server").startswith(b"forkproxy")
    assert answer.get(b"date").endswith(b"GMT")


@pytest.mark.parametrize(("family", "script"), FAMILIES)
def test_it_may_send_the_request_elsewhere(family, script):
    location = f"""
        location / {{ {family}_pass %ORIGIN%; }}
        location /files/ {{ internal; return 200 found; }}
    """
    octets = b"X-Accel-Redirect: /files/x\r\n\r\n"
    with proxying(script(lambda _: octets), location) as server:
        assert get(server.address).body == b"found"


def test_a_status_line_is_told_in_whatever_pieces_it_comes():
    def script(peer):
        peer.reader.exactly(4)
        for octet in b"HTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\nx":
            peer.send(bytes([octet]))

    with proxying(script, "location / { uwsgi_pass %ORIGIN%; }") as server:
        answer = get(server.address)
        assert (answer.status, answer.body) == (201, b"x")
