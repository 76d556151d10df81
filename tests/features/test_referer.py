"""valid_referers and $invalid_referer."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside


def invalid(conf, *fields, more=""):
    server_name = "server_name www.site.example ~^rx\\d;"
    location = f'location / {{ {conf} return 200 "[$invalid_referer]"; }} {more}'
    with Inside(server_name + location) as server:
        return get(server.address, b"/", *fields).body == b"[1]"


@pytest.mark.parametrize(
    ("conf", "referer", "bad"),
    [
        ("", b"http://any.example/", False),
        ("valid_referers none x.example;", None, False),
        ("valid_referers blocked x.example;", None, True),
        ("valid_referers blocked x.example;", b"hidden", False),
        ("valid_referers none x.example;", b"hidden", True),
        ("valid_referers www.a.example;", b"http://www.a.example/x", False),
        ("valid_referers www.a.example;", b"https://WWW.A.example:80/x", False),
        ("valid_referers www.a.example;", b"http://a.example/x", True),
        ("valid_referers *.a.example;", b"http://x.y.a.example", False),
        ("valid_referers *.a.example;", b"http://a.example/here", True),
        ("valid_referers .a.example;", b"http://a.example/here", False),
        ("valid_referers www.a.*;", b"http://www.a.example", False),
        ("valid_referers a.example/in/;", b"http://a.example/in/x", False),
        ("valid_referers a.example/in/;", b"http://a.example/out", True),
        ("valid_referers ~\\.org/x;", b"http://b.ORG/x", False),
        ("valid_referers ~\\.org/x;", b"http://b.org/y", True),
        ("valid_referers server_names;", b"http://www.site.example/", False),
        ("valid_referers server_names;", b"http://rx5.example/", False),
        ("valid_referers server_names;", b"http://other.example/", True),
    ],
)
def test_which_pages_may_link_here(conf, referer, bad):
    fields = [b"Referer: " + referer] if referer else []
    assert invalid(conf, *fields) is bad
