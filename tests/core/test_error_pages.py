"""forkproxy_error_pages modern: errors that say what happened, to people and to programs."""

import json
import re

import pytest

from tests.support.client import get
from tests.support.inside import Inside

MODERN = "forkproxy_error_pages modern;"
JSON = b"Accept: application/json"


def asked(text, *fields, target=b"/", **more):
    with Inside(f"{MODERN} {text}", **more) as server:
        return get(server.address, target, *fields)


def test_a_browser_is_shown_a_sentence_and_the_requests_id():
    answer = asked("return 404;", b"Accept: text/html,*/*;q=0.8")
    assert answer.get(b"content-type") == b"text/html; charset=utf-8"
    assert b"<h1>Not Found</h1>\n<p>There is nothing at this address.</p>" in answer.body
    assert re.search(rb"Status 404, request [0-9a-f]{32}<", answer.body)
    assert len(answer.body) < 700


@pytest.mark.parametrize(
    "accept", [b"Accept: application/problem+json", JSON, b"Accept: application/json, */*;q=0.5"]
)
def test_a_program_is_told_a_problem(accept):
    answer = asked("return 502;", accept)
    assert answer.get(b"content-type") == b"application/problem+json"
    problem = json.loads(answer.body)
    assert re.fullmatch("[0-9a-f]{32}", problem.pop("request_id"))
    assert problem == {
        "type": "about:blank",
        "title": "Bad Gateway",
        "status": 502,
        "detail": "The server behind this one could not be reached, or gave no valid answer.",
    }


@pytest.mark.parametrize("fields", [(), (b"Accept: */*",), (b"Accept: text/plain",)])
def test_who_does_not_prefer_json_gets_the_page(fields):
    assert asked("return 404;", *fields).body.startswith(b"<!doctype html>")


def test_caches_are_told_that_it_hangs_on_accept():
    assert asked("return 404;").get(b"vary") == b"Accept"


def test_neither_the_program_nor_a_file_is_named():
    answer = asked("server_tokens off; root %PREFIX%;", target=b"/secret")
    assert answer.status == 404
    assert not re.search(rb"forkproxy|nginx|secret|/tmp", answer.body)


def test_the_id_is_the_variable_and_stands_in_the_error_log():
    with Inside(f"{MODERN} add_header X-Id $request_id always;") as server:
        answer = get(server.address, b"/missing", JSON)
        identity = json.loads(answer.body)["request_id"]
        assert answer.get(b"x-id").decode() == identity
        assert f'id: "{identity}"' in server.errors()


def test_a_status_without_a_sentence_has_its_name():
    answer = asked("return 418;", JSON)
    assert "detail" not in json.loads(answer.body)
    assert b"<p></p>" not in asked("return 418;").body


def test_what_nginx_shows_as_400_says_what_it_stands_for():
    long = b"X-Long: " + b"x" * 3000
    answer = asked("large_client_header_buffers 2 1k; return 200;", long)
    assert answer.status == 400
    assert b"<p>The header fields of the request are too large.</p>" in answer.body


def test_error_page_goes_before():
    assert asked("error_page 404 /own; location /own { return 200 own; }").status == 404
    assert asked("error_page 404 = /own; location /own { return 200 own; }").body == b"own"


def test_redirects_are_as_ever():
    assert b"<center><h1>301 Moved Permanently" in asked("return 301 /there;").body


def test_it_is_the_profile_that_says_which():
    with Inside("return 404;", main="forkproxy_profile modern;") as server:
        assert get(server.address).body.startswith(b"<!doctype html>")
    with Inside("return 404;") as server:
        assert get(server.address, b"/", JSON).body.startswith(b"<html>\r\n<head><title>404")


def test_an_inner_level_may_go_back_to_nginxs():
    inner = "location /plain { forkproxy_error_pages nginx; return 404; }"
    assert b"<center><h1>404" in asked(inner, target=b"/plain").body
