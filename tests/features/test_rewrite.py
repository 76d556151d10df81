"""The rewrite module: set, if, rewrite, return, break, in the order they stand in."""

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside


def answer(conf, target=b"/a", *fields, **given):
    with Inside(conf, **given) as server:
        found = get(server.address, target, *fields)
        found.ours = b"http://localhost:%d" % server.port
        return found


def body(conf, target=b"/a", *fields):
    found = answer(conf, target, *fields)
    assert found.status == 200, found
    return found.body


SHOW = "location / { return 200 $uri|$args; }"


@pytest.mark.parametrize(
    ("conf", "target", "expected"),
    [
        ("rewrite ^/a$ /b;", b"/a", b"/b|"),
        ("rewrite ^/a$ /b;", b"/a?x", b"/b|x"),
        ("rewrite ^/a$ /b?y;", b"/a?x", b"/b|y&x"),
        ("rewrite ^/a$ /b?y?;", b"/a?x", b"/b|y"),
        ("rewrite ^/a$ /b?;", b"/a?x", b"/b|"),
        ("rewrite ^/(.)/(.)$ /$2/$1;", b"/a/b", b"/b/a|"),
        ("rewrite ^/(?<first>.)$ /$first$first;", b"/a", b"/aa|"),
        ("rewrite ^/(.*)$ /x?q=$1?;", b"/a%20b%26c", b"/x|q=a%20b%26c"),
        ("rewrite ^/none /b;", b"/a", b"/a|"),
        ("rewrite (?i)^/A$ /b;", b"/a", b"/b|"),
        ("rewrite ^/a /b; rewrite ^/b /c;", b"/a", b"/c|"),
        ("rewrite ^/a /b last; rewrite ^/b /c;", b"/a", b"/b|"),
        ("rewrite ^/a /b break; rewrite ^/b /c;", b"/a", b"/b|"),
        ("break; rewrite ^/a /b;", b"/a", b"/a|"),
    ],
)
def test_rewrite(conf, target, expected):
    assert body(conf + SHOW, target) == expected


@pytest.mark.parametrize(
    ("conf", "status", "where"),
    [
        ("rewrite ^/(.*) /b/$1 redirect;", 302, b"OURS/b/a%20b?x"),
        ("rewrite ^/(.*) /b/$1 permanent;", 301, b"OURS/b/a%20b?x"),
        ("rewrite ^/(.*) http://o.example/$1;", 302, b"http://o.example/a%20b?x"),
        ("rewrite ^/(.*) https://o.example/$1? permanent;", 301, b"https://o.example/a%20b"),
        ("rewrite ^/(.*) $scheme://o.example/$1;", 302, b"http://o.example/a%20b?x"),
    ],
)
def test_rewrite_to_a_redirect(conf, status, where):
    found = answer(conf, b"/a%20b?x")
    assert found.status == status
    assert found.get(b"location").replace(found.ours, b"OURS") == where


def test_a_rewrite_to_nothing_is_a_500():
    with Inside("rewrite ^/a $arg_none?;" + SHOW) as server:
        assert get(server.address, b"/a").status == 500
        assert "the rewritten URI has a zero length" in server.errors()


@pytest.mark.parametrize(
    ("conf", "status", "content"),
    [
        ("return 200;", 200, b""),
        ("return 200 text$uri;", 200, b"text/a"),
        ("return 404 text;", 404, b"text"),
        ("return 204 text;", 204, b""),
        ("return 599 text;", 599, b"text"),
    ],
)
def test_return(conf, status, content):
    found = answer(conf)
    assert (found.status, found.body) == (status, content)


@pytest.mark.parametrize(("status", "type"), [(200, b"text/plain"), (204, None), (304, None)])
def test_return_of_nothing_has_the_default_type(status, type):
    assert answer(f"return {status};").get(b"content-type") == type


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_return_of_an_error_has_our_page(status):
    found = answer(f"return {status};")
    assert found.status == status
    assert b"<center><h1>%d " % status in found.body


@pytest.mark.parametrize(
    ("conf", "status", "where"),
    [
        ("return 301 /b;", 301, b"OURS/b"),
        ("return 302 http://o.example/$uri;", 302, b"http://o.example//a"),
        ("return http://o.example/;", 302, b"http://o.example/"),
        ("return 307 $scheme://$host$request_uri;", 307, b"http://localhost/a"),
        ("absolute_redirect off; return 308 /b;", 308, b"/b"),
    ],
)
def test_return_of_a_redirect(conf, status, where):
    found = answer(conf)
    assert found.status == status
    assert found.get(b"location").replace(found.ours, b"OURS") == where


def test_a_line_end_in_a_redirect_does_not_start_a_field():
    found = answer("return 302 $uri;", b"/a%0d%0aEvil:%20x")
    assert found.get(b"location") == found.ours + b"/a%0D%0AEvil: x"
    assert b"evil" not in found


def test_444_says_nothing():
    with Inside("return 444;") as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        assert client.closed()


@pytest.mark.parametrize(
    ("condition", "target", "holds"),
    [
        ("$arg_x", b"/a?x=1", True),
        ("$arg_x", b"/a?x=0", False),
        ("$arg_x", b"/a?x=00", True),
        ("$arg_x", b"/a", False),
        ("$arg_x = one", b"/a?x=one", True),
        ("$arg_x = one", b"/a?x=two", False),
        ('$arg_x = ""', b"/a", True),
        ("$arg_x != one", b"/a", True),
        ("$arg_x = $arg_y", b"/a?x=1&y=1", True),
        ("$uri ~ ^/A", b"/a", False),
        ("$uri ~* ^/A", b"/a", True),
        ("$uri !~ ^/A", b"/a", True),
        ("$uri !~* ^/A", b"/a", False),
        ("-f %PREFIX%/files/file", b"/a", True),
        ("-f %PREFIX%/files", b"/a", False),
        ("!-f %PREFIX%/none", b"/a", True),
        ("-d %PREFIX%/files", b"/a", True),
        ("-d %PREFIX%/files/file", b"/a", False),
        ("!-d %PREFIX%/files", b"/a", False),
        ("-e %PREFIX%/files", b"/a", True),
        ("-e %PREFIX%/none", b"/a", False),
        ("!-e %PREFIX%/none", b"/a", True),
        ("-x %PREFIX%/files/tool", b"/a", True),
        ("-x %PREFIX%/files/file", b"/a", False),
        ("!-x %PREFIX%/files/file", b"/a", True),
    ],
)
def test_what_if_asks(condition, target, holds):
    with Inside(f"if ({condition}) {{ return 200 yes; }} return 200 no;") as server:
        server.write("files/file", b"")
        server.write("files/tool", b"", mode=0o755)
        assert get(server.address, target).body == (b"yes" if holds else b"no")


def test_what_a_condition_captured_is_there():
    conf = 'if ($uri ~ "^/(?<one>.)(.)") { return 200 $one$2$1; } return 404;'
    assert body(conf, b"/xyz") == b"xyx"


@pytest.mark.parametrize(("target", "expected"), [(b"/a", b"1"), (b"/a?x=1", b"2")])
def test_set_keeps_the_last_value(target, expected):
    assert body("set $v 1; if ($arg_x) { set $v 2; } return 200 $v;", target) == expected


def test_a_variable_that_was_never_set_is_empty():
    conf = "if ($arg_x) { set $v 1; } return 200 [$v];"
    assert body(conf) == b"[]"


def test_set_of_a_variable_uses_what_it_was():
    assert body("set $v a; set $v $v-$v; return 200 $v;") == b"a-a"


def test_set_of_args_changes_the_request():
    conf = "set $args y=1; return 200 $args|$is_args|$arg_y|$request_uri;"
    assert body(conf, b"/a?x") == b"y=1|?|1|/a?x"


def test_a_variable_outlives_an_internal_redirect():
    conf = "location /a { set $v kept; rewrite ^ /b; } location /b { return 200 $v; }"
    assert body(conf) == b"kept"


def test_an_if_in_a_location_has_settings_of_its_own():
    conf = """
        location / {
            root none;
            add_header X outer;
            if ($arg_x) { add_header X inner; return 200 yes; }
            return 200 no;
        }
    """
    assert answer(conf, b"/?x=1").all(b"x") == [b"inner"]
    assert answer(conf, b"/").all(b"x") == [b"outer"]


def test_the_last_if_that_held_is_the_location():
    conf = """
        location / {
            root files;
            if ($arg_x) { add_header X x; }
            if ($arg_y) { add_header Y y; }
        }
    """
    found = answer(conf, b"/none?x=1&y=1")
    assert found.status == 404
    with Inside(conf) as server:
        server.write("files/f", b"f")
        found = get(server.address, b"/f?x=1&y=1")
        assert (found.all(b"x"), found.all(b"y")) == ([], [b"y"])


def test_an_if_that_passes_nothing_on_after_one_that_does_is_an_error():
    conf = """
        location / {
            if ($arg_x) { proxy_pass http://127.0.0.1:1; }
            if ($arg_y) { add_header Y y; }
        }
    """
    with Inside(conf) as server:
        assert get(server.address, b"/?x=1&y=1").status == 500
        assert "no upstream configuration" in server.errors()
        assert get(server.address, b"/?x=1").status == 502
        assert get(server.address, b"/?y=1").status == 404
