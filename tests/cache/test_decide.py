"""May an answer be stored, for how long, and does it do: both sets of rules, by tables."""

import pytest

from forkproxy.wire.dates import http_date
from tests.support.caching import answers, caching, response

PAST, FUTURE = b"Expires: Thu, 01 Jan 1970 00:00:01 GMT", b"Expires: Thu, 31 Dec 2037 23:55:55 GMT"
TAG = b'ETag: "x"'

NGINX = [
    ((), "no-lifetime"),
    ((FUTURE,), ""),
    ((PAST,), "expired"),
    ((b"Cache-Control: max-age=60", PAST), ""),
    ((b"Cache-Control: s-maxage=60, max-age=0",), ""),
    ((b"Cache-Control: max-age=0",), "expired"),
    ((b"Cache-Control: max-age=99999999999999999999",), ""),
    ((b"Cache-Control: no-store", FUTURE), "no-store"),
    ((b"Cache-Control: private, max-age=60",), "private"),
    ((b"Cache-Control: no-cache, max-age=60",), "no-cache"),
    ((b"X-Accel-Expires: 60", PAST, b"Cache-Control: no-cache"), ""),
    ((b"X-Accel-Expires: 0", FUTURE), "expired"),
    ((b"X-Accel-Expires: 60", b"X-Accel-Expires: 0"), ""),
    ((b"Cache-Control: max-age=60", b"Set-Cookie: a=b"), "set-cookie"),
    ((b"Cache-Control: max-age=60", b"Vary: a, *"), "vary-anything"),
]
RFC = [
    ((), "no-lifetime"),
    ((TAG,), ""),  # kept for what it can be validated by
    ((b"Cache-Control: max-age=60", PAST), ""),
    ((b"Cache-Control: max-age=0", FUTURE), "expired"),
    ((b"Cache-Control: s-maxage=60, max-age=0",), ""),
    ((b"Cache-Control: max-age=x",), "expired"),
    ((b"Cache-Control: max-age=60", b"Age: 61"), "expired"),
    ((b"Cache-Control: max-age=60", b"Age: x"), "expired"),
    ((b"Cache-Control: max-age=60, private",), "private"),
    ((b'Cache-Control: max-age=60, private="set-cookie"',), ""),
    ((b"Cache-Control: max-age=60, no-store",), "no-store"),
    ((b"Cache-Control: max-age=60, no-store, must-understand",), ""),
    ((b"Cache-Control: max-age=60", b"Set-Cookie: a=b"), ""),
    ((b"Cache-Control: max-age=60", b"CDN-Cache-Control: no-store"), "no-store"),
    ((b"Cache-Control: no-store", b"CDN-Cache-Control: max-age=60"), ""),
    ((b"CDN-Cache-Control: no-store", b"Forkproxy-Cache-Control: max-age=60"), ""),
    ((b"Expires: 0",), "expired"),
]


def reason(fields, text, status=b"200 OK", asked=()):
    with caching(answers(response(b"", *fields, status=status)), text) as server:
        return server.ask(b"/", *asked).reason


@pytest.mark.parametrize(("fields", "expected"), NGINX)
def test_by_the_rules_of_nginx(fields, expected):
    assert reason(fields, "") == expected


@pytest.mark.parametrize(("fields", "expected"), RFC)
def test_by_the_rules_of_rfc_9111(fields, expected):
    assert reason(fields, "proxy_cache_rfc on;") == expected


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (b"max-age=60", "authorization"),
        (b"max-age=60, public", ""),
        (b"max-age=60, must-revalidate", ""),
        (b"s-maxage=60", ""),
    ],
)
def test_an_answer_to_credentials_has_to_say_that_it_may_be_shared(control, expected):
    fields = (b"Cache-Control: " + control,)
    asked = (b"Authorization: Basic eA==",)
    assert reason(fields, "proxy_cache_rfc on;", asked=asked) == expected


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("proxy_cache_valid 1m;", b"200 OK", ""),
        ("proxy_cache_valid 1m;", b"404 Not Found", "no-lifetime"),
        ("proxy_cache_valid any 1m;", b"404 Not Found", ""),
        ("proxy_cache_valid 404 1m;", b"404 Not Found", ""),
        ("proxy_cache_valid 404 0; proxy_cache_valid any 1m;", b"404 Not Found", "no-lifetime"),
    ],
)
def test_proxy_cache_valid_gives_a_lifetime_by_status(text, status, expected):
    assert reason((), text, status) == expected


@pytest.mark.parametrize(
    ("ignored", "field"),
    [
        ("Cache-Control", b"Cache-Control: no-store"),
        ("Expires", PAST),
        ("X-Accel-Expires", b"X-Accel-Expires: 0"),
        ("Set-Cookie", b"Set-Cookie: a=b"),
        ("Vary", b"Vary: *"),
    ],
)
def test_a_field_that_is_ignored_forbids_nothing(ignored, field):
    assert reason((field,), "proxy_cache_valid 1m;") != ""
    assert reason((field,), f"proxy_cache_valid 1m; proxy_ignore_headers {ignored};") == ""


def test_heuristics_count_only_where_they_are_wanted():
    fields = (b"Last-Modified: " + http_date(1_000_000_000),)
    for text, status in [("", "EXPIRED"), ("proxy_cache_heuristics on;", "HIT")]:
        script = answers(response(b"", *fields))
        with caching(script, "proxy_cache_rfc on;" + text) as server:
            assert server.statuses(b"/", b"/") == ["MISS", status]


@pytest.mark.parametrize(
    ("demand", "status"),
    [
        (b"no-cache", "EXPIRED"),
        (b"max-age=0", "EXPIRED"),
        (b"max-age=60", "HIT"),
        (b"min-fresh=60", "HIT"),
        (b"min-fresh=1000", "EXPIRED"),
        (b"no-store", "HIT"),
    ],
)
def test_what_the_request_demands_counts_by_the_rfc(demand, status):
    script = answers(response(b"", b"Cache-Control: max-age=100"))
    with caching(script, "proxy_cache_rfc on;") as server:
        server.ask()
        assert server.ask(b"/", b"Cache-Control: " + demand).status == status


def test_max_stale_lets_a_stale_answer_do():
    script = answers(response(b"", b"Cache-Control: max-age=10", b"Age: 20", TAG))
    with caching(script, "proxy_cache_rfc on;") as server:
        server.ask()
        assert server.ask(b"/", b"Cache-Control: max-stale=60").status == "HIT"
        assert server.ask(b"/", b"Cache-Control: max-stale=1").status == "EXPIRED"


def test_only_if_cached_never_asks_the_origin():
    with caching(answers(response()), "proxy_cache_rfc on;") as server:
        assert server.ask(b"/", b"Cache-Control: only-if-cached").code == 504
        assert server.origin.requests == []
