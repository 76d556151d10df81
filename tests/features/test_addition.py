"""add_before_body, add_after_body: other answers around one."""

import pytest

from tests.support.client import ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked, hangs_up

CONF = """
    default_type text/html;
    add_before_body /head;
    add_after_body /foot;
    location / { return 200 body; }
    location /head { return 200 "[$uri "; }
    location /foot { return 200 " $uri]"; }
    location /none { return 204; }
    location /plain { default_type text/plain; return 200 body; }
    location /all { addition_types *; default_type text/plain; return 200 body; }
    location /off { add_before_body ""; return 200 body; }
    location /found { return 404 body; }
    location /nothing { add_after_body /none; return 200 body; }
    location /missing { add_after_body /bad; return 200 body; }
    location /bad { return 404 lost; }
    location /self { add_before_body ""; add_after_body /self; return 200 self; }
    location /coded { gzip on; gzip_min_length 0; return 200 body; }
"""


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (b"/", b"[/head body /foot]"),
        (b"/plain", b"body"),
        (b"/all", b"[/head body /foot]"),
        (b"/off", b"body /foot]"),
        (b"/found", b"body"),
        (b"/nothing", b"[/head body"),
        (b"/missing", b"[/head bodylost"),
        (b"/self", b"selfself"),
    ],
)
def test_an_answer(target, shown):
    with Inside(CONF) as server:
        answer = get(server.address, target)
        assert answer.body == shown


def test_the_length_is_not_known_before():
    with Inside(CONF) as server:
        assert b"content-length" not in get(server.address)
        answer = ask(server.address, request(b"HEAD", b"/"), b"HEAD")
        assert (answer.status, answer.body) == (200, b"")


def test_all_of_it_is_compressed():
    with Inside(CONF) as server:
        answer = get(server.address, b"/coded", b"Accept-Encoding: gzip")
        assert answer.get(b"content-encoding") == b"gzip"


def test_trailers_of_the_answer_are_kept():
    script = answers(chunked([b"x"], b"Content-Type: text/html", trailers=(b"Sum: 1",)))
    conf = """location / { add_after_body /foot; proxy_pass http://%ORIGIN%;
        proxy_pass_trailers on; } location /foot { return 200 foot; }"""
    with proxying(script, conf) as server:
        answer = get(server.address)
        assert (answer.body, answer.trailers) == (b"xfoot", [(b"Sum", b"1")])


def test_what_cannot_be_had_leaves_its_error_page():
    conf = """default_type text/html; location = / { add_after_body /up; return 200 body; }
        location /up { proxy_pass http://%ORIGIN%; }"""
    with proxying(hangs_up, conf) as server:
        answer = get(server.address)
        assert answer.status == 200
        assert answer.body.startswith(b"body<html>")
