"""api: what a location asks the master, and how it answers."""

import contextlib
import os

from forkproxy.core.inquiries import inquiries
from tests.support.client import ask, get, request
from tests.support.hub import in_hub
from tests.support.inside import Inside

ANSWER = {"status": 200, "type": "application/json", "body": '{"a":1}\n'}


@contextlib.contextmanager
def serving(text, answer=ANSWER):
    """Serve, with a master that answers always the same; yield server and what it was asked."""
    asked = []

    def send(number, question):
        asked.append(question)
        if answer is not None:
            inquiries.answered(number, answer)

    in_hub(inquiries.connect, send)
    with Inside(text) as server:
        yield server, asked


def test_a_request_is_carried_to_the_master_and_its_answer_back():
    with serving("location /api { api; }") as (server, asked):
        answer = get(server.address, b"/api/9/nginx?fields=pid")
    assert (answer.status, answer.body) == (200, b'{"a":1}\n')
    assert answer.get(b"content-type") == b"application/json"
    assert asked == [
        {
            "method": "GET",
            "path": "/api//9/nginx",
            "query": "fields=pid",
            "body": "",
            "write": False,
            "address": "127.0.0.1",
        }
    ]


def test_a_body_is_carried_too_where_the_location_may_write():
    with serving("location /plus/ { api write=on; }", ANSWER | {"status": 201}) as (
        server,
        asked,
    ):
        octets = request(b"POST", b"/plus/9/http/keyvals/z", body=b'{"k":"\xc3\xa4"}')
        assert ask(server.address, octets, to=b"POST").status == 201
    assert asked[0]["path"] == "/api/9/http/keyvals/z"
    assert asked[0]["write"] is True
    assert asked[0]["body"].encode("latin-1") == b'{"k":"\xc3\xa4"}'


def test_what_has_no_content_has_none():
    with serving("location /api { api; }", ANSWER | {"status": 204, "body": ""}) as (server, _):
        answer = ask(server.address, request(b"DELETE", b"/api/9/connections"), to=b"DELETE")
        assert (answer.status, answer.body) == (204, b"")


def test_a_body_that_is_too_long_is_refused_before_it_is_read():
    with serving("client_max_body_size 0; location /api { api; }") as (server, asked):
        head = b"POST /api/9/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
        assert ask(server.address, head, to=b"POST").status == 413
    assert asked == []


def test_a_long_answer_comes_as_a_file():
    content = b"x" * 300_000

    def send(number, _question):
        file = os.memfd_create("answer")
        os.write(file, content)
        answer = {"status": 200, "type": "text/plain", "length": len(content)}
        inquiries.answered(number, answer, [file])

    in_hub(inquiries.connect, send)
    with Inside("location /api { api; }") as server:
        answer = get(server.address, b"/api/9/")
    assert (answer.status, answer.body) == (200, content)
    assert answer.get(b"content-type") == b"text/plain"
