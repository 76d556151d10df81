"""A request on its way to a peer."""

import pytest

from tests.support.client import Client, ask, request
from tests.support.inside import proxying
from tests.support.origin import Origin, echo, hangs_up, response


def test_a_body_that_was_stored_is_sent_again():
    with (
        Origin(hangs_up) as first,
        proxying(
            echo,
            "location / { client_body_buffer_size 1k; proxy_pass http://u; }",
            http=f"upstream u {{ server {first.address}; server %ORIGIN%; }}",
        ) as server,
    ):
        body = bytes(range(256)) * 100
        assert ask(server.address, request(b"PUT", b"/", body=body)).status == 200
        assert server.origin.last.body == body


def test_an_early_answer_ends_the_upload_and_the_connection():
    def early(peer):
        peer.head()
        peer.send(response(b"early", status=b"401 Unauthorized"))
        peer.gone()

    conf = "location / { proxy_request_buffering off; proxy_pass http://%ORIGIN%; }"
    with proxying(early, conf) as server, Client(server.address) as client:
        client.send(request(b"POST", b"/", b"Content-Length: 1000000") + bytes(1000))
        answer = client.final()
        assert (answer.status, answer.body) == (401, b"early")
        assert answer.get(b"connection") == b"close"
    assert server.peers()[0].active == 0


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 131_073, 1_000_000])
def test_a_body_arrives_whole_however_it_is_sent(size):
    body = bytes(range(256)) * (size // 256) + bytes(size % 256)
    for conf in ("", "proxy_request_buffering off;"):
        location = f"location / {{ client_max_body_size 2m; {conf} proxy_pass http://%ORIGIN%; }}"
        with proxying(echo, location) as server:
            assert ask(server.address, request(b"POST", b"/", body=body)).status == 200
            assert server.origin.last.body == body


def test_a_body_that_needs_no_buffering_goes_into_no_file():
    conf = """location / { client_body_buffer_size 1k; proxy_request_buffering off;
        add_header X-File $request_body_file; proxy_pass http://%ORIGIN%; }"""
    with proxying(echo, conf) as server:
        answer = ask(server.address, request(b"POST", b"/", body=bytes(2000)))
        assert (answer.status, answer.get(b"x-file")) == (200, None)


def test_a_body_of_the_configuration_takes_the_place_of_the_clients():
    conf = 'location / { proxy_set_body "is $uri"; proxy_pass http://%ORIGIN%; }'
    with proxying(echo, conf) as server:
        assert ask(server.address, request(b"POST", b"/p", body=b"client")).status == 200
        assert server.origin.last.body == b"is /p"


def test_a_peer_that_reads_nothing_is_a_timeout_while_sending():
    def deaf(peer):
        peer.gone()

    conf = """location / { client_max_body_size 64m; proxy_request_buffering off;
        proxy_send_timeout 200ms; proxy_read_timeout 200ms; proxy_pass http://%ORIGIN%; }"""
    with proxying(deaf, conf) as server:
        assert ask(server.address, request(b"PUT", b"/", body=bytes(30_000_000))).status == 504
