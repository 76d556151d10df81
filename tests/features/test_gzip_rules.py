"""gzip_http_version, gzip_proxied, gzip_disable, gzip_vary."""

import pytest

from tests.support.client import ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response

TEXT = b"text " * 20
GZIP = b"Accept-Encoding: gzip"
PROXIED = "location / { gzip on; proxy_pass http://%ORIGIN%; CONF }"
THEN, LATER = b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sun, 06 Nov 2094 08:49:37 GMT"


def coded(conf, *sent, fields=()):
    """Tell whether the answer of an origin, with these fields, comes as gzip."""
    script = answers(response(TEXT, b"Content-Type: text/html", *fields))
    with proxying(script, PROXIED.replace("CONF", conf)) as server:
        return get(server.address, b"/", GZIP, *sent).get(b"content-encoding") == b"gzip"


@pytest.mark.parametrize(
    ("proxied", "fields", "sent"),
    [
        ("any", (), ()),
        ("auth", (), (b"Authorization: Basic eDp5",)),
        ("expired", (b"Expires: " + THEN,), ()),
        ("no-cache", (b"Cache-Control: No-Cache",), ()),
        ("no-store", (b"Cache-Control: max-age=0, no-store",), ()),
        ("private", (b"Cache-Control: private",), ()),
        ("no_last_modified", (), ()),
        ("no_etag", (b"Last-Modified: " + THEN,), ()),
        ("expired private", (b"Cache-Control: private",), ()),
    ],
)
def test_for_another_proxy_what_gzip_proxied_names(proxied, fields, sent):
    assert coded(f"gzip_proxied {proxied};", b"Via: 1.1 x", *sent, fields=fields)


@pytest.mark.parametrize(
    ("conf", "fields"),
    [
        ("", ()),
        ("gzip_proxied off;", (b"Cache-Control: private",)),
        ("gzip_proxied auth;", (b"Cache-Control: private",)),
        ("gzip_proxied expired;", (b"Expires: " + LATER,)),
        ("gzip_proxied expired;", (b"Expires: 0",)),
        ("gzip_proxied private;", (b"Expires: " + THEN,)),
        ("gzip_proxied private;", (b"Cache-Control: public",)),
        ("gzip_proxied no_last_modified;", (b"Last-Modified: " + THEN,)),
        ("gzip_proxied no_etag;", (b'ETag: "x"',)),
    ],
)
def test_for_another_proxy_nothing_else(conf, fields):
    assert not coded(conf, b"Via: 1.1 x", fields=fields)


@pytest.mark.parametrize(
    ("agent", "sent_gzip"),
    [
        (b"Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)", False),
        (b"Mozilla/4.0 (compatible; MSIE 5.5; Windows 98)", False),
        (b"Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", True),
        (b"Mozilla/4.0 (compatible; MSIE 6.0; Windows 98) Opera 8", True),
        (b"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0)", True),
        (b"OldBot/1", False),
        (b"curl/8", True),
    ],
)
def test_disabled_clients(agent, sent_gzip):
    assert coded("gzip_disable msie6 oldbot;", b"User-Agent: " + agent) is sent_gzip


@pytest.mark.parametrize(("version", "sent_gzip"), [("1.0", True), ("1.1", False)])
def test_clients_of_http_1_0(version, sent_gzip):
    conf = f"location / {{ gzip on; gzip_http_version {version}; return 200 '{TEXT.decode()}'; "
    with Inside(conf + "default_type text/html; }") as server:
        asked = request(b"GET", b"/", GZIP).replace(b"HTTP/1.1", b"HTTP/1.0")
        assert (b"content-encoding" in ask(server.address, asked)) is sent_gzip


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ((), [b"Accept-Encoding"]),
        ((b"Vary: Cookie",), [b"Cookie", b"Accept-Encoding"]),
        ((b"Vary: Cookie, accept-encoding",), [b"Cookie, accept-encoding"]),
        ((b"Vary: *",), [b"*"]),
    ],
)
def test_vary_is_said_once_to_whoever_asks(fields, names):
    script = answers(response(TEXT, b"Content-Type: text/html", *fields))
    with proxying(script, PROXIED.replace("CONF", "gzip_vary on;")) as server:
        assert get(server.address, b"/", GZIP).all(b"vary") == names
        assert get(server.address, b"/").all(b"vary") == names


def test_vary_is_not_said_of_what_is_never_compressed():
    script = answers(response(TEXT, b"Content-Type: image/png"))
    with proxying(script, PROXIED.replace("CONF", "gzip_vary on;")) as server:
        assert b"vary" not in get(server.address, b"/", GZIP)
