"""proxy_cookie_*: cookies of an upstream become ours."""

import pytest

from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import answers, response


def became(conf, line):
    script = answers(response(b"", b"Set-Cookie: " + line))
    with proxying(script, f"location / {{ {conf} proxy_pass http://%ORIGIN%; }}") as server:
        (found,) = get(server.address).all(b"set-cookie")
        return found


@pytest.mark.parametrize(
    ("conf", "line", "expected"),
    [
        (
            "proxy_cookie_domain a.com b.org;",
            b"x=1; Domain=A.com; Path=/",
            b"x=1; Domain=b.org; Path=/",
        ),
        ("proxy_cookie_domain .a.com .b.org;", b"x=1; domain=.a.com", b"x=1; domain=.b.org"),
        ("proxy_cookie_domain a.com b.org;", b"x=1; Domain=ba.com", b"x=1; Domain=ba.com"),
        (r"proxy_cookie_domain ~^(.+)\.com$ $1.org;", b"x=1; Domain=A.COM", b"x=1; Domain=A.org"),
        ("proxy_cookie_path /a/ /$host/;", b"x=1; Path=/a/b", b"x=1; Path=/localhost/b"),
        ("proxy_cookie_path ~*^/A(.*) $1;", b"x=1; Path=/a/b", b"x=1; Path=/b"),
        ("proxy_cookie_path off;", b"x=1; Path=/a", b"x=1; Path=/a"),
        ("proxy_cookie_path /a /b;", b"x=Path=/a", b"x=Path=/a"),
    ],
)
def test_domains_and_paths(conf, line, expected):
    assert became(conf, line) == expected


@pytest.mark.parametrize(
    ("flags", "line", "expected"),
    [
        ("x secure httponly", b"x=1", b"x=1; Secure; HttpOnly"),
        ("x samesite=lax", b"x=1; SameSite=None;Path=/", b"x=1; Path=/; SameSite=Lax"),
        ("x nosecure nosamesite", b"x=1; secure; samesite=lax; a", b"x=1; a"),
        ("~^x secure", b"xy=1", b"xy=1; Secure"),
        ("x secure", b"y=1;a", b"y=1;a"),
        ("x $arg_none", b"x=1; a", b"x=1; a"),
    ],
)
def test_flags(flags, line, expected):
    assert became(f"proxy_cookie_flags {flags};", line) == expected
