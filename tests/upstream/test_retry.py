"""Which failures are tried again elsewhere, and which are not."""

import pytest

from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import Origin, answers, echo, hangs_up, response, silent

OK = response(b"second")


def fails(status):
    return answers(response(b"first", status=b"%d No" % status))


def garbage(peer):
    peer.request()
    peer.send(b"garbage\r\n\r\n")


def tried(script, conf="", method=b"GET", body=b"", streamed=False):
    """Return the answer where the first of two peers does as `script` says, and who was asked."""
    buffering = "proxy_request_buffering off;" if streamed else ""
    location = f"location / {{ {conf} {buffering} proxy_pass http://u; }}"
    with (
        Origin(script) as first,
        proxying(
            answers(OK),
            location,
            http=(f"upstream u {{ server {first.address}; server %ORIGIN%; }}"),
        ) as server,
    ):
        head, end, rest = request(method, b"/", body=body).partition(b"\r\n\r\n")
        with Client(server.address) as client:
            # What has come with its head is there to be sent again, buffered or not.
            client.send(head + end + (b"" if streamed else rest))
            if streamed:
                eventually(lambda: first.peers)
                client.send(rest)
            return client.response(to=method), len(server.origin.requests)


IDEMPOTENT = [b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PROPFIND"]
OTHERS = [b"POST", b"PATCH", b"LOCK"]


@pytest.mark.parametrize("method", IDEMPOTENT)
def test_an_idempotent_request_that_failed_is_tried_elsewhere(method):
    answer, asked = tried(hangs_up, method=method)
    assert (answer.status, asked) == (200, 1)


@pytest.mark.parametrize("method", OTHERS)
def test_another_is_not_once_it_was_sent(method):
    answer, asked = tried(hangs_up, method=method, body=b"x")
    assert (answer.status, asked) == (502, 0)


@pytest.mark.parametrize("method", OTHERS)
def test_unless_the_configuration_says_so(method):
    answer, asked = tried(
        hangs_up, "proxy_next_upstream error non_idempotent;", method=method, body=b"x"
    )
    assert (answer.status, asked) == (200, 1)


@pytest.mark.parametrize("method", [*IDEMPOTENT, *OTHERS])
def test_what_was_never_sent_may_always_go_elsewhere(method):
    with Origin(echo) as gone:
        address = gone.address
    http = f"upstream u {{ server {address}; server %ORIGIN%; }}"
    with proxying(answers(OK), "location / { proxy_pass http://u; }", http=http) as server:
        assert ask(server.address, request(method, b"/"), to=method).status == 200


def test_a_body_that_was_sent_as_it_came_cannot_be_sent_again():
    answer, asked = tried(hangs_up, method=b"PUT", body=b"x", streamed=True)
    assert (answer.status, asked) == (502, 0)


@pytest.mark.parametrize(
    ("script", "condition", "status"),
    [
        (hangs_up, "error", 502),
        (garbage, "invalid_header", 502),
        (fails(500), "http_500", 500),
        (fails(502), "http_502", 502),
        (fails(503), "http_503", 503),
        (fails(504), "http_504", 504),
        (fails(403), "http_403", 403),
        (fails(404), "http_404", 404),
        (fails(429), "http_429", 429),
        (silent, "timeout", 504),
    ],
)
def test_each_condition_is_what_it_says(script, condition, status):
    wait = "proxy_read_timeout 200ms; "
    answer, asked = tried(script, f"{wait} proxy_next_upstream {condition};")
    assert (answer.status, asked) == (200, 1)
    answer, asked = tried(script, f"{wait} proxy_next_upstream off;")
    assert (answer.status, asked) == (status, 0)


def test_the_answer_of_the_last_is_shown_where_there_is_no_other():
    conf = "location / { proxy_next_upstream http_503; proxy_pass http://%ORIGIN%; }"
    with proxying(fails(503), conf) as server:
        answer = get(server.address)
        assert (answer.status, answer.body) == (503, b"first")


@pytest.mark.parametrize(("tries", "status"), [(1, 502), (2, 502), (3, 200), (0, 200)])
def test_no_more_are_tried_than_allowed(tries, status):
    with (
        Origin(hangs_up) as one,
        Origin(hangs_up) as two,
        proxying(
            answers(OK),
            f"location / {{ proxy_next_upstream_tries {tries}; proxy_pass http://u; }}",
            http=f"upstream u {{ server {one.address}; server {two.address}; server %ORIGIN%; }}",
        ) as server,
    ):
        assert get(server.address).status == status
