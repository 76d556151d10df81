"""The parts of a proxy_pass URL."""

import pytest

from forkproxy.upstream.url import Url, split_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (b"http://a", Url(b"http", b"a", "a", b"80", b"")),
        (b"https://a", Url(b"https", b"a", "a", b"443", b"")),
        (b"HTTP://a", Url(b"http", b"a", "a", b"80", b"")),
        (b"http://a:80", Url(b"http", b"a", "a", b"80", b"")),
        (b"http://a:8080/", Url(b"http", b"a:8080", "a", b"8080", b"/")),
        (b"http://a/b?c=/d", Url(b"http", b"a", "a", b"80", b"/b?c=/d")),
        (b"http://a?c=/d", Url(b"http", b"a", "a", b"80", b"?c=/d")),
        (b"http://[::1]:81/x", Url(b"http", b"[::1]:81", "::1", b"81", b"/x")),
        (b"http://[::1]", Url(b"http", b"[::1]", "::1", b"80", b"")),
        (b"http://unix:/s", Url(b"http", b"localhost", "unix:/s", b"", b"")),
        (b"http://unix:/s:/x?y", Url(b"http", b"localhost", "unix:/s", b"", b"/x?y")),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_a_url_is_taken_apart(text, url):
    assert split_url(text) == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "invalid URL prefix"),
        (b"a:80", "invalid URL prefix"),
        (b"ftp://a", "invalid URL prefix"),
        (b"http://", "no host in upstream"),
        (b"http:///x", "no host in upstream"),
        (b"http://:80", "no host in upstream"),
        (b"http://a:b", "invalid port in upstream"),
        (b"http://a:0", "invalid port in upstream"),
        (b"http://a:65536", "invalid port in upstream"),
        (b"http://[::1", "invalid host in upstream"),
        (b"http://[::1]x", "invalid host in upstream"),
        (b"http://unix:", "no path in the unix domain socket"),
        (b"http://unix::/x", "no path in the unix domain socket"),
    ],
)
def test_what_is_wrong_is_said_in_nginx_words(text, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        split_url(text)
