"""metrics: what a location asks the master, and how it answers."""

from tests.features.test_api import serving
from tests.support.client import ask, get, request

TEXT = {"status": 200, "type": "text/plain; version=0.0.4", "body": "up 1\n"}


def test_the_masters_answer_is_passed_on_as_it_is():
    with serving("location = /metrics { metrics; }", TEXT) as (server, asked):
        answer = get(server.address, b"/metrics?scope=process")
    assert (answer.status, answer.body) == (200, b"up 1\n")
    assert answer.get(b"content-type") == b"text/plain; version=0.0.4"
    assert (asked[0]["path"], asked[0]["query"], asked[0]["write"]) == (
        "/metrics",
        "scope=process",
        False,
    )


def test_numbers_are_only_read():
    with serving("location = /metrics { metrics; }", TEXT) as (server, asked):
        assert ask(server.address, request(b"POST", b"/metrics"), to=b"POST").status == 405
    assert asked == []
