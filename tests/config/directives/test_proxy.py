import pytest

from forkproxy.config.address import Family
from forkproxy.config.directives.proxy import Redirect, SetHeader
from forkproxy.config.template import Var
from forkproxy.config.values import Buffers
from tests.support.configuration import errors, hints, level

OUTSIDE = '"proxy_pass" cannot have URI part in location given by regular expression'


def passed(url):
    return level("location", f"proxy_pass {url};").value("proxy_pass")


@pytest.mark.parametrize(
    ("url", "host", "port", "uri"),
    [
        ("http://api", "api", "80", None),
        ("http://api/", "api", "80", "/"),
        ("HTTP://api/b?c", "api", "80", "/b?c"),
        ("http://10.0.0.1:8080", "10.0.0.1:8080", "8080", None),
        ("http://10.0.0.1:80/", "10.0.0.1", "80", "/"),
        ("http://[::1]:81/x", "[::1]:81", "81", "/x"),
        ("http://unix:/a.sock", "localhost", "", None),
        ("http://unix:/a.sock:/b", "localhost", "", "/b"),
    ],
)
def test_where_requests_go(url, host, port, uri):
    found = passed(url)
    assert (found.proxy_host, found.proxy_port, found.uri) == (host, port, uri)


def test_the_address_is_taken_apart():
    assert passed("http://api").target.family is Family.NAME
    assert passed("http://unix:/a.sock").target.path == "/a.sock"


def test_a_url_with_variables_is_left_for_the_request():
    found = passed("http://$host/x")
    assert found.target is None
    assert found.uri is None
    assert found.url == ("http://", Var("host"), "/x")


@pytest.mark.parametrize(
    "text",
    [
        "location ~ ^/a { proxy_pass http://u/x; }",
        "location @a { proxy_pass http://u/x; }",
        "location / { if ($host) { proxy_pass http://u/x; } }",
    ],
)
def test_a_path_in_the_url_needs_a_prefix_to_replace(text):
    (message,) = errors("server", text)
    assert message.startswith(OUTSIDE)


def test_how_to_write_it_instead():
    assert hints("server", "location ~ ^/v1/ { proxy_pass http://api/v2/; }") == [
        "write `rewrite ^/v1/(.*)$ /v2/$1 break;` before it and `proxy_pass http://api;`"
    ]
    assert hints("location", "proxy_pass api:80;") == ["write http://api:80"]


@pytest.mark.parametrize("heading", ["/a", "= /a", "^~ /a"])
def test_a_path_in_the_url_is_for_the_other_locations(heading):
    assert errors("server", f"location {heading} {{ proxy_pass http://u/x; }}") == []


def test_fields_for_the_upstream():
    scope = level("http", "proxy_set_header Host $host; proxy_set_header X '';")
    assert [line.value for line in scope.lines("proxy_set_header")] == [
        SetHeader("Host", (Var("host"),)),
        SetHeader("X", ()),
    ]


def test_redirects_are_default_off_or_written_out():
    def redirect(text):
        scope = level("location", f"proxy_pass http://u; proxy_redirect {text};")
        return scope.value("proxy_redirect")

    assert redirect("default") == Redirect(default=True)
    assert redirect("off") is None
    assert redirect("http://a/ /$host/") == Redirect(
        False, ("http://a/",), None, ("/", Var("host"), "/")
    )
    assert redirect("~*^http://A/(.*)$ /$1").pattern.search(b"http://a/b")


@pytest.mark.parametrize(("one", "other"), [("off", "off"), ("a b", "off"), ("off", "a b")])
def test_a_redirect_that_is_off_stands_alone(one, other):
    assert errors("location", f"proxy_redirect {one}; proxy_redirect {other};") == [
        '"proxy_redirect" directive is duplicate'
    ]


def test_the_default_redirect_follows_a_proxy_pass_without_variables():
    assert errors("location", "proxy_redirect default; proxy_pass http://u;") == [
        '"proxy_redirect default" should be placed after the "proxy_pass" directive'
    ]
    assert errors("location", "proxy_pass http://$host; proxy_redirect default;") == [
        '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables'
    ]


def test_the_defaults_are_those_of_nginx_as_of_1_29_7():
    scope = level("location", "")
    assert scope.value("proxy_http_version") == "1.1"
    assert scope.value("proxy_connect_timeout") == 60
    assert scope.value("proxy_buffers") == Buffers(8, 4096)
    assert scope.value("proxy_next_upstream") == {"error", "timeout"}
    assert scope.value("proxy_ignore_headers") == frozenset()
    assert scope.value("proxy_buffering") is True


def test_when_the_next_peer_is_tried():
    found = level("location", "proxy_next_upstream error HTTP_502;").value("proxy_next_upstream")
    assert found == {"error", "http_502"}
