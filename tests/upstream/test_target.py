"""What an upstream is asked for."""

import pytest

from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import echo


def target(location, path):
    """Return the target that the upstream gets."""
    with proxying(echo, location) as server:
        assert get(server.address, path).status == 200
        return server.origin.last.target


def test_an_absolute_target_is_asked_for_by_its_path():
    with proxying(echo, "location / { proxy_pass http://%ORIGIN%; }") as server:
        get(server.address, b"http://x.example?q")
        assert server.origin.last.target == b"/?q"


@pytest.mark.parametrize(
    ("location", "path", "expected"),
    [
        ("location / { proxy_pass http://%ORIGIN%; }", b"/a%20b?c=%20", b"/a%20b?c=%20"),
        ("location /a/ { proxy_pass http://%ORIGIN%/b/; }", b"/a/x%20y?q", b"/b/x%20y?q"),
        ("location / { proxy_pass http://%ORIGIN%$request_uri; }", b"/a%2Fb?c", b"/a%2Fb?c"),
        ("location / { proxy_pass http://%ORIGIN%$uri?n=1; }", b"/a%20b?c", b"/a%20b?n=1"),
        (
            "location / { rewrite ^/a(.*)$ /b$1 break; proxy_pass http://%ORIGIN%; }",
            b"/a/%C3%A4?q",
            b"/b/%C3%A4?q",
        ),
        (
            r"location ~ (?s)^/r/(.*)$ { proxy_pass http://%ORIGIN%/$1; }",
            b"/r/a%0d%0aEvil:%20x",
            b"/a%0D%0AEvil:%20x",
        ),
    ],
)
def test_the_target_is_what_the_location_makes_of_it(location, path, expected):
    assert target(location, path) == expected


def test_a_url_with_variables_that_is_none_is_a_502_with_a_reason():
    conf = "location / { set $where nonsense; proxy_pass $where; }"
    with proxying(echo, conf) as server:
        assert get(server.address).status == 502
        assert 'in "nonsense"' in server.errors()
