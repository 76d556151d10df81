"""mirror: copies of a request, in the background."""

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import proxying
from tests.support.origin import answers, response

COPY = "location /copy { internal; proxy_pass http://%ORIGIN%; }"
MAIN = "location / { mirror /copy; proxy_pass http://%ORIGIN%; }"


def asked(conf, octets):
    """Return what the origin was asked, by target."""
    with proxying(answers(response(b"answer")), conf) as server, Client(server.address) as client:
        assert client.ask(octets).body == b"answer"
        return {seen.target: seen for seen in server.origin.wait(2)}


def test_a_copy_has_the_method_the_arguments_and_the_body():
    octets = request(b"POST", b"/x?q=1", b"Content-Length: 2") + b"hi"
    seen = asked(MAIN + COPY, octets)
    copy = seen[b"/copy?q=1"]
    assert (copy.method, copy.body) == (b"POST", b"hi")
    assert seen[b"/x?q=1"].body == b"hi"


def test_a_copy_may_go_without_the_body():
    octets = request(b"POST", b"/x", b"Content-Length: 2") + b"hi"
    copy = "location /copy { proxy_pass_request_body off; proxy_pass http://%ORIGIN%; }"
    seen = asked("mirror_request_body off;" + MAIN + copy, octets)
    assert seen[b"/copy"].body == b""


@pytest.mark.parametrize("status", [b"500 No", b"404 No"])
def test_what_a_copy_is_answered_is_nothing_to_the_client(status):
    script = answers(response(b"", status=status))
    conf = COPY + "location / { mirror /copy; root %PREFIX%; }"
    with proxying(script, conf) as server:
        server.write("a", b"file")
        assert get(server.address, b"/a").body == b"file"
        server.origin.wait(1)
