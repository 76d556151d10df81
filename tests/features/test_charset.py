"""charset: a name in Content-Type."""

import re

import pytest

from forkproxy.errors import ConfigError
from tests.support.client import get
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response

PROXIED = "location / { charset utf-8; proxy_pass http://%ORIGIN%; CONF }"


def shown(media, conf="", *fields, status=b"200 OK"):
    script = answers(
        response(b"x", *([b"Content-Type: " + media] if media else []), *fields, status=status)
    )
    with proxying(script, PROXIED.replace("CONF", conf)) as server:
        return get(server.address, b"/?a=b").get(b"content-type")


@pytest.mark.parametrize(
    ("given", "conf", "found"),
    [
        (b"text/html", "", b"text/html; charset=utf-8"),
        (b"Text/Plain", "", b"Text/Plain; charset=utf-8"),
        (b"image/png", "", b"image/png"),
        (b"image/png", "charset_types *;", b"image/png; charset=utf-8"),
        (b"text/html; charset=koi8-r", "", b"text/html; charset=koi8-r"),
        # Without a table the name would not be true.
        (b"text/html; charset=koi8-r", "override_charset on;", b"text/html; charset=koi8-r"),
        (b"text/html; charset=UTF-8", "override_charset on;", b"text/html; charset=utf-8"),
        (b"text/html; a=b", "", b"text/html; a=b; charset=utf-8"),
        (b"", "", None),
    ],
)
def test_a_type(given, conf, found):
    assert shown(given, conf) == found


def test_redirects_are_left_alone_and_coded_content_is_not():
    assert shown(b"text/html", status=b"302 Found") == b"text/html"
    assert shown(b"text/html", "", b"Content-Encoding: br") == b"text/html; charset=utf-8"


def test_a_name_with_variables_and_none():
    with Inside("charset $arg_a; location / { return 200 x; default_type text/html; }") as server:
        assert get(server.address, b"/?a=b").get(b"content-type") == b"text/html; charset=b"
        assert get(server.address).get(b"content-type") == b"text/html"


def test_an_inner_level_may_say_off():
    conf = "charset utf-8; default_type text/html; location / { charset off; return 200 x; }"
    with Inside(conf) as server:
        assert get(server.address).get(b"content-type") == b"text/html"


def test_named_and_compressed():
    conf = "charset utf-8; gzip on; gzip_min_length 0; default_type text/html;"
    with Inside(conf + "location / { return 200 x; }") as server:
        answer = get(server.address, b"/", b"Accept-Encoding: gzip")
        assert answer.get(b"content-type") == b"text/html; charset=utf-8"
        assert answer.get(b"content-encoding") == b"gzip"


TABLES = """
    charset_map koi8-r utf-8 { C0 D18E; C1 D0B0; }
    charset_map B A { 58 59; }
"""


def written(conf, body, *fields, media=b"text/html", ask=()):
    script = answers(response(body, b"Content-Type: " + media, *fields))
    inside = f"location / {{ {conf} proxy_pass http://%ORIGIN%; }}"
    with proxying(script, inside, http=TABLES) as server:
        return get(server.address, b"/", *ask)


@pytest.mark.parametrize(
    ("source", "target", "body", "found"),
    [
        ("koi8-r", "utf-8", b"a\xc1\xff\n", b"a\xd0\xb0?\n"),
        ("utf-8", "koi8-r", b"a\xd0\xb0\xe2\x82\xac\xff", b"a\xc1&#8364;?"),
        ("B", "A", b"XZ\xff", b"YZ?"),
        ("A", "B", b"YZ", b"XZ"),
        ("b", "B", b"XZ", b"XZ"),
    ],
)
def test_content_is_written_anew(source, target, body, found):
    answer = written(f"charset {target}; source_charset {source};", body)
    assert answer.body == found
    assert answer.get(b"content-type") == b"text/html; charset=" + target.encode()


def test_what_says_its_own_set_is_written_anew_where_that_may_be_overridden():
    conf = "charset A; override_charset on;"
    assert written(conf, b"X", media=b"text/html; charset=B").body == b"Y"
    answer = written(conf, b"X", media=b'text/html; charset="b"')
    assert (answer.body, answer.get(b"content-type")) == (b"Y", b"text/html; charset=A")


def test_what_no_table_has_and_what_is_compressed_stays_as_it_is():
    answer = written("charset $arg_x$http_c; source_charset B;", b"X", ask=(b"C: none",))
    assert (answer.body, answer.get(b"content-type")) == (b"X", b"text/html")
    answer = written("charset A; source_charset B;", b"X", b"Content-Encoding: br")
    assert (answer.body, answer.get(b"content-type")) == (b"X", b"text/html")


def test_an_upstream_names_the_set():
    conf = "charset A; source_charset B;"
    answer = written(conf, b"X", b"X-Accel-Charset: B")
    assert (answer.body, answer.get(b"content-type")) == (b"X", b"text/html; charset=B")
    answer = written(conf, b"X", b"X-Accel-Charset: unknown")
    assert (answer.body, answer.get(b"content-type")) == (b"X", b"text/html")
    answer = written(conf + "proxy_ignore_headers X-Accel-Charset;", b"X", b"X-Accel-Charset: B")
    assert answer.body == b"Y"


def test_octets_for_octets_can_be_cut_and_others_lose_their_length():
    conf = "charset A; source_charset B; location / { }"
    with Inside(conf, http=TABLES) as server:
        (server.prefix / "html").mkdir()
        (server.prefix / "html" / "a.html").write_bytes(b"WXW")
        answer = get(server.address, b"/a.html", b"Range: bytes=1-")
        assert (answer.status, answer.body) == (206, b"YW")
        answer = get(server.address, b"/a.html", b"Range: bytes=0-0,1-1")
        assert b"\r\n\r\nW\r\n" in answer.body
        assert b"\r\n\r\nY\r\n" in answer.body
    answer = written("charset utf-8; source_charset koi8-r;", b"a" * 70000, b'ETag: "x"')
    assert answer.get(b"content-length") is None
    assert answer.get(b"etag") == b'W/"x"'
    assert answer.body == b"a" * 70000


def test_what_is_included_is_in_the_set_of_the_page():
    conf = """
    default_type text/html;
    location = / { ssi on; charset A; return 200 "<!--#include virtual='/inner' -->"; }
    location = /inner { charset B; source_charset B; return 200 X; }
    """
    with Inside(conf, http=TABLES) as server:
        answer = get(server.address)
        assert (answer.body, answer.get(b"content-type")) == (b"Y", b"text/html; charset=A")


@pytest.mark.parametrize(
    ("conf", "reason"),
    [
        ("charset_map a A { }", '"charset_map" between the same charsets'),
        ("charset_map a b { } charset_map B a { }", 'duplicate "charset_map" between "B" and "a"'),
        ("charset_map utf-8 b { }", '"utf-8" can only be the second'),
        ("charset_map a b { 1 2 3; }", "invalid parameters number"),
        ("charset_map a b { x 2; }", 'invalid value "x"'),
        ("charset_map a b { 1 22C2; }", 'invalid value "22C2"'),
        ("charset_map a utf-8 { 1 C2; }", 'invalid value "C2"'),
        ("charset a; source_charset b;", 'no "charset_map" between the charsets "b" and "a"'),
    ],
)
def test_wrong_tables(conf, reason):
    with pytest.raises(ConfigError, match=re.escape(reason)):
        Inside("location / { }", http=conf)
