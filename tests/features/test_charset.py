"""charset: a name in Content-Type."""

import pytest

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
        (b"text/html; charset=koi8-r", "override_charset on;", b"text/html; charset=utf-8"),
        (b"text/html; a=b", "", b"text/html; a=b; charset=utf-8"),
        (b"", "", None),
    ],
)
def test_a_type(given, conf, found):
    assert shown(given, conf) == found


def test_coded_content_and_redirects_are_left_alone():
    assert shown(b"text/html", "", b"Content-Encoding: br") == b"text/html"
    assert shown(b"text/html", status=b"302 Found") == b"text/html"


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
