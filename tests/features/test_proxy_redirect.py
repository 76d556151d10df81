"""proxy_redirect: an upstream's own addresses become ours."""

import pytest

from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import answers, response


def redirected(conf, *fields, target=b"/a/x", **given):
    """Return the answer to a redirect of the upstream with these fields."""
    with proxying(answers(response(b"", *fields, status=b"302 Found")), conf, **given) as server:
        answer = get(server.address, target, b"X: client")
        ours = b"http://localhost:%d" % server.port
        return [
            value.replace(ours, b"OURS")
            for name in (b"location", b"refresh")
            for value in answer.all(name)
        ]


@pytest.mark.parametrize(
    ("rules", "sent", "shown"),
    [
        ("", b"http://up/b/new?x", b"OURS/a/new?x"),
        ("", b"http://elsewhere/b/new", b"http://elsewhere/b/new"),
        ("proxy_redirect default;", b"http://up/b/new", b"OURS/a/new"),
        ("proxy_redirect off;", b"http://up/b/new", b"http://up/b/new"),
        ("proxy_redirect http://x/ /y/;", b"http://x/1", b"OURS/y/1"),
        ("proxy_redirect http://x/ /y/;", b"http://up/b/1", b"http://up/b/1"),
        ("proxy_redirect http://x/ https://y/;", b"http://x/1", b"https://y/1"),
        ("proxy_redirect http://x/ /$http_x/;", b"http://x/1", b"OURS/client/1"),
        ("proxy_redirect http://$http_x/ /;", b"http://client/1", b"OURS/1"),
        ("proxy_redirect / /z/;", b"/1", b"OURS/z/1"),
        (r"proxy_redirect ~^http://(\w+)/(.*)$ /$1-$2;", b"http://q/r/s", b"OURS/q-r/s"),
        (r"proxy_redirect ~*^HTTP://(?<who>\w+)/ /$who/;", b"http://q/r", b"OURS/q/"),
        (
            "proxy_redirect http://x/ /1/; proxy_redirect http://x/ /2/;",
            b"http://x/r",
            b"OURS/1/r",
        ),
        ("proxy_redirect http://x/ /1/; proxy_redirect default;", b"http://up/b/r", b"OURS/a/r"),
    ],
)
def test_the_first_rule_that_fits_decides(rules, sent, shown):
    conf = f"location /a/ {{ proxy_pass http://up/b/; {rules} }}"
    http = "upstream up { server %ORIGIN%; }"
    assert redirected(conf, b"Location: " + sent, http=http) == [shown]


def test_without_a_uri_the_root_of_the_upstream_is_ours():
    conf = "location /a/ { proxy_pass http://up; }"
    http = "upstream up { server %ORIGIN%; }"
    assert redirected(conf, b"Location: http://up/c/d", http=http) == [b"OURS/c/d"]


def test_with_variables_there_is_no_default():
    conf = "location /a/ { set $up up; proxy_pass http://$up; }"
    http = "upstream up { server %ORIGIN%; }"
    sent = b"http://up/c"
    assert redirected(conf, b"Location: " + sent, http=http) == [sent]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"5; url=http://up/b/new", b"5; url=/a/new"),
        (b"5; URL=http://up/b/new", b"5; URL=/a/new"),
        (b"5; url=http://elsewhere/", b"5; url=http://elsewhere/"),
        (b"5", b"5"),
    ],
)
def test_refresh_is_rewritten_too(sent, shown):
    conf = "location /a/ { proxy_pass http://up/b/; }"
    http = "upstream up { server %ORIGIN%; }"
    assert redirected(conf, b"Refresh: " + sent, http=http) == [shown]


def test_what_the_upstream_sent_stays_known():
    script = answers(response(b"", b"Location: http://up/b/1", status=b"302 Found"))
    conf = """
        location /a/ {
            proxy_pass http://up/b/;
            add_header X $upstream_http_location;
        }
    """
    with proxying(script, conf, http="upstream up { server %ORIGIN%; }") as server:
        assert get(server.address, b"/a/").get(b"x") == b"http://up/b/1"
