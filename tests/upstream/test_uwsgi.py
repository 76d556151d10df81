"""uwsgi_pass: what an application is sent."""

from tests.support.applications import uwsgi
from tests.support.client import ask, get, request
from tests.support.inside import proxying

PARAMS = "uwsgi_param URI $uri; uwsgi_param CONTENT_LENGTH $content_length;"


def test_params_and_content_arrive():
    with proxying(uwsgi(), f"location / {{ uwsgi_pass uwsgi://%ORIGIN%; {PARAMS} }}") as server:
        assert ask(server.address, request(b"POST", b"/x", body=b"content")).body == b"hello"
        assert server.origin.last.params["URI"] == b"/x"
        assert server.origin.last.content == b"content"
        assert server.origin.last.modifiers == (0, 0)


def test_both_modifiers_are_configured():
    location = "uwsgi_pass %ORIGIN%; uwsgi_modifier1 5; uwsgi_modifier2 7;"
    with proxying(uwsgi(), f"location / {{ {location} }}") as server:
        assert get(server.address).status == 200
        assert server.origin.last.modifiers == (5, 7)


def test_more_than_the_protocol_can_say_is_a_500():
    http = "large_client_header_buffers 4 40k;"
    with proxying(uwsgi(), "location / { uwsgi_pass %ORIGIN%; }", http=http) as server:
        fields = [b"A: " + b"x" * 36_000, b"B: " + b"x" * 36_000]
        assert get(server.address, b"/", *fields).status == 500
        assert "uwsgi request is too big" in server.errors()
