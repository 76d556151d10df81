"""Variables of the upstream."""

import pytest

from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import answers, chunked, response


def told(text, script, conf="", target=b"/", more=""):
    location = f'location / {{ add_header X "{text}" always; {conf} proxy_pass http://%ORIGIN%; }}'
    with proxying(script, location + more) as server:
        return get(server.address, target).get(b"x")


def test_fields_as_the_upstream_sent_them():
    script = answers(response(b"", b"X-A: 1", b"X-A: 2", b"Server: theirs"))
    assert told("$upstream_http_x_a $upstream_http_server", script) == b"1, 2 theirs"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"a=1; Path=/", b"1"),
        (b"A = 1", b"1"),
        (b"ab=1", b""),
        (b"a\t=1", b""),
        (b"a", b""),
    ],
)
def test_a_cookie_that_the_upstream_sets(line, value):
    script = answers(response(b"", b"Set-Cookie: " + line))
    assert told("[$upstream_cookie_a]", script) == b"[" + value + b"]"


def test_attempts_after_an_internal_redirect_are_told_apart():
    script = answers(response(b"", b"X-Accel-Redirect: /other"))
    other = (
        'location /other { add_header X "$upstream_status" always; '
        "proxy_ignore_headers X-Accel-Redirect; proxy_pass http://%ORIGIN%; }"
    )
    assert told("-", script, more=other) == b"200 : 200"


def test_trailers_are_known_when_the_content_was_read():
    conf = "add_trailer X-T $upstream_trailer_sum;"
    script = answers(chunked([b"a"], trailers=[b"Sum: 5"]))
    location = f"location / {{ {conf} proxy_pass http://%ORIGIN%; }}"
    with proxying(script, location) as server:
        assert get(server.address).trailers == [(b"X-T", b"5")]


def test_host_and_port_of_proxy_pass():
    location = "location / { proxy_set_header Host x; add_header X $proxy_host:$proxy_port; "
    with proxying(answers(response()), location + "proxy_pass http://%ORIGIN%; }") as server:
        host, port = server.origin.address.split(":")
        assert get(server.address).get(b"x") == f"{host}:{port}:{port}".encode()
