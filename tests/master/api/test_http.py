import json

import pytest

from forkproxy.master.api.http import HttpTongue
from forkproxy.master.commands import Level
from tests.support.administration import Master


class Talk:
    """One connection, its octets in the test's hand."""

    def __init__(self, level=Level.ADMIN):
        self.master = Master()
        self.tongue = HttpTongue(self.master, 7, level)
        self.asked = bytearray()

    def send(self, octets, *, ended=False):
        """Return all that is answered."""
        self.asked += octets
        answers = b""
        while (not self.tongue.over or not answers) and (
            question := self.tongue.next(self.asked, ended=ended)
        ) is not None:
            reply = question()
            answers += self.tongue.say(reply) if reply is not None else b"(later)"
        return answers


NGINX = b"GET /api/9/nginx HTTP/1.1\r\nHost: x\r\n\r\n"


def test_an_answer_is_json_with_its_length():
    head, _, body = Talk().send(NGINX).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Type: application/json\r\n" in head
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert json.loads(body)["pid"] == 1


def test_octet_by_octet_is_the_same_as_at_once():
    talk = Talk()
    assert b"".join(talk.send(NGINX[i : i + 1]) for i in range(len(NGINX))) == Talk().send(NGINX)


def test_requests_follow_each_other_until_one_is_the_last():
    talk = Talk()
    last = NGINX.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert talk.send(NGINX + NGINX).count(b"Connection: keep-alive") == 2
    assert not talk.tongue.over
    assert b"Connection: close" in talk.send(last)
    assert talk.tongue.over


def test_a_head_request_gets_a_head():
    answer = Talk().send(NGINX.replace(b"GET", b"HEAD"))
    assert answer.endswith(b"\r\n\r\n")


def test_what_has_no_content_says_so():
    answer = Talk().send(b"DELETE /api/9/connections HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"Content-Length" not in answer


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 2\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"],
)
def test_a_body_is_read_by_either_framing(body):
    talk = Talk()
    octets = b"POST /api/9/forkproxy/reload HTTP/1.1\r\nHost: x\r\n" + body
    answers = b"".join(talk.send(octets[i : i + 1]) for i in range(len(octets)))
    assert answers == b"(later)"
    assert talk.asked == b""


def test_a_body_without_its_end_waits_and_its_loss_changes_nothing():
    talk = Talk()
    octets = b"POST /api/9/forkproxy/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
    assert talk.send(octets) == b""
    assert talk.send(b"", ended=True) == b""
    assert talk.tongue.over
    assert talk.master.asked == []


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET /api HTTP/1.1\r\n\r\n", 400),
        (b"GET  /api HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET /api/9/" + b"x" * 20_000 + b" HTTP/1.1\r\n", 414),
    ],
)
def test_a_request_that_is_none_is_refused_and_ends_the_connection(octets, status):
    talk = Talk()
    assert talk.send(octets).startswith(b"HTTP/1.1 %d " % status)
    assert talk.tongue.over


def test_an_error_has_the_shape_of_the_api():
    answer = Talk().send(b"GET /api/9/none HTTP/1.1\r\nHost: x\r\n\r\n")
    data = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert data["error"] == {"status": 404, "text": "path not found", "code": "PathNotFound"}
    assert len(data["request_id"]) == 32
    assert data["href"].startswith("https://")


def test_who_may_only_look_is_told_that_the_method_is_disabled():
    answer = Talk(Level.OPERATOR).send(b"DELETE /api/9/connections HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"MethodDisabled" in answer
