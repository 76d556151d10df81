"""Conditions of a request: what the client has already (RFC 9110 section 13.2.2)."""

import os

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response

THEN = 1_500_000_000
DATE = b"Fri, 14 Jul 2017 02:40:00 GMT"
BEFORE = b"Fri, 14 Jul 2017 02:39:59 GMT"
LATER = b"Fri, 14 Jul 2017 02:40:01 GMT"
TAG = b'"%x-%x"' % (THEN, 6)


@pytest.fixture(scope="module")
def site():
    conf = """
        root files;
        location /before/ { if_modified_since before; }
        location /off/ { if_modified_since off; }
        location /bare/ { etag off; }
        location /page { return 200 page; }
        location = /missing { error_page 404 =200 /x; return 404; }
    """
    with Inside(conf) as server:
        for folder in ("", "before/", "off/", "bare/"):
            os.utime(server.write(f"files/{folder}x", b"octets"), (THEN, THEN))
        yield server


def status(site, *fields, target=b"/x"):
    return get(site.address, target, *fields).status


def test_an_answer_has_what_conditions_are_about(site):
    answer = get(site.address, b"/x")
    assert (answer.status, answer.body) == (200, b"octets")
    assert (answer.get(b"last-modified"), answer.get(b"etag")) == (DATE, TAG)


@pytest.mark.parametrize(
    ("place", "since", "expected"),
    [
        (b"/x", DATE, 304),
        (b"/x", LATER, 200),
        (b"/x", BEFORE, 200),
        (b"/x", b"Friday, 14-Jul-17 02:40:00 GMT", 304),
        (b"/x", b"no date", 200),
        (b"/before/x", DATE, 304),
        (b"/before/x", LATER, 304),
        (b"/before/x", BEFORE, 200),
        (b"/off/x", DATE, 200),
    ],
)
def test_if_modified_since(site, place, since, expected):
    assert status(site, b"If-Modified-Since: " + since, target=place) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (TAG, 304),
        (b"W/" + TAG, 304),
        (b'"other", ' + TAG, 304),
        (b'"other"', 200),
        (b"*", 304),
        (b"", 200),
    ],
)
def test_if_none_match(site, tags, expected):
    assert status(site, b"If-None-Match: " + tags) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(TAG, 200), (b"W/" + TAG, 412), (b'"other"', 412), (b"*", 200), (b'"o",' + TAG, 200)],
)
def test_if_match(site, tags, expected):
    assert status(site, b"If-Match: " + tags) == expected


@pytest.mark.parametrize(
    ("since", "expected"), [(DATE, 200), (LATER, 200), (BEFORE, 412), (b"no date", 200)]
)
def test_if_unmodified_since(site, since, expected):
    assert status(site, b"If-Unmodified-Since: " + since) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([b'If-None-Match: "other"', b"If-Modified-Since: " + DATE], 200),
        ([b"If-Match: " + TAG, b"If-Unmodified-Since: " + BEFORE], 200),
        ([b'If-Match: "other"', b"If-None-Match: " + TAG], 412),
    ],
)
def test_tags_go_before_dates_and_failures_before_savings(site, fields, expected):
    assert status(site, *fields) == expected


def test_without_a_tag_none_matches(site):
    assert status(site, b"If-None-Match: " + TAG, target=b"/bare/x") == 200
    assert status(site, b"If-Match: *", target=b"/bare/x") == 412


def test_a_304_has_the_validators_and_no_content(site):
    with Client(site.address) as client:
        answer = client.ask(request(b"GET", b"/x", b"If-None-Match: " + TAG))
        assert (answer.get(b"etag"), answer.get(b"last-modified")) == (TAG, DATE)
        for name in (b"content-type", b"content-length", b"transfer-encoding"):
            assert name not in answer
        assert client.get(b"/x").body == b"octets"


def test_a_text_of_ours_has_nothing_to_compare(site):
    assert status(site, b"If-Modified-Since: " + DATE, target=b"/page") == 200


def test_the_page_of_an_error_is_shown_whatever_the_client_has(site):
    assert status(site, b"If-None-Match: " + TAG, target=b"/missing") == 200


def test_an_upstream_judges_for_itself():
    script = answers(response(b"x", b"ETag: " + TAG, b"Last-Modified: " + DATE))
    with proxying(script, "location / { proxy_pass http://%ORIGIN%; }") as server:
        assert status(server, b"If-None-Match: " + TAG) == 200
        assert status(server, b'If-Match: "other"') == 200
