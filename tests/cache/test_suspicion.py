"""Poisoning and deception: not stored, with the reason in the log."""

import pytest

from tests.support.caching import FRESH, answers, caching, response

PAGE = response(b"page", FRESH, b"Content-Type: text/html")
STYLE = response(b"style", FRESH, b"Content-Type: text/css")


def reason(answer, target, *fields, text="", **given):
    """Return why an answer was not stored, "" where it was."""
    with caching(answers(answer), text) as server:
        first = server.ask(target, *fields, **given)
        again = server.ask(target, *fields, **given)
        assert (again.status == "HIT") == (first.reason == "")
        if first.reason:
            assert f"not stored in the cache: {first.reason}" in server.errors()
        return first.reason


@pytest.mark.parametrize(
    ("target", "fields", "expected"),
    [
        (b"/page", (), ""),
        (b"/page", (b"X-Forwarded-For: 1.2.3.4",), ""),
        (b"/page", (b"X-Forwarded-Host: evil",), "unkeyed-field"),
        (b"/page", (b"X-Original-URL: /admin",), "unkeyed-field"),
        (b"/page", (b"X-HTTP-Method-Override: POST",), "method-override"),
        (b"/account/x.css", (), "deceptive-suffix"),
        (b"/static/..%2faccount", (), "confusing-path"),
        (b"/static%5caccount", (), "confusing-path"),
    ],
)
def test_what_the_key_does_not_tell_is_not_stored(target, fields, expected):
    assert reason(PAGE, target, *fields) == expected


def test_a_get_with_content_is_not_stored():
    assert reason(PAGE, b"/page", body=b"x=1") == "request-body"


def test_a_style_sheet_that_is_one_is_stored():
    assert reason(STYLE, b"/x.css") == ""


def test_a_field_that_the_origin_does_not_see_does_no_harm():
    text = 'proxy_set_header X-Forwarded-Host "";'
    assert reason(PAGE, b"/page", b"X-Forwarded-Host: evil", text=text) == ""


def test_a_field_by_which_answers_vary_does_no_harm():
    varied = response(b"page", FRESH, b"Vary: X-Forwarded-Host")
    assert reason(varied, b"/page", b"X-Forwarded-Host: other") == ""


def test_a_field_in_the_key_does_no_harm():
    text = "proxy_cache_key $uri$http_x_host;"
    assert reason(PAGE, b"/page", b"X-Host: other", text=text) == ""


def test_whoever_knows_better_turns_it_off():
    assert reason(PAGE, b"/account/x.css", text="proxy_cache_guard off;") == ""
