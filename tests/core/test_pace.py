"""Content goes no faster than limit_rate says, whatever it comes from."""

import time

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked, response

LENGTH = 60_000
CONF = "limit_rate 100k; location / { proxy_pass http://%ORIGIN%; }"


def took(server, target=b"/"):
    before = time.monotonic()
    found = get(server.address, target)
    return time.monotonic() - before, found


@pytest.mark.parametrize("answer", [response(bytes(LENGTH)), chunked([bytes(LENGTH)])])
def test_an_upstreams_answer_takes_its_time(answer):
    with proxying(answers(answer), CONF) as server:
        seconds, found = took(server)
        assert len(found.body) == LENGTH
        assert 0.25 < seconds < 1.5  # 60 kB at 100 KiB/s, a quarter of a second's worth at once


def test_a_file_takes_its_time():
    with Inside("limit_rate 100k; root %PREFIX%;") as server:
        server.write("file", bytes(LENGTH))
        seconds, found = took(server, b"/file")
        assert found.body == bytes(LENGTH)
        assert seconds > 0.25


def test_trailers_come_all_the_same():
    answer = chunked([b"content"], trailers=[b"X: trailer"])
    with proxying(answers(answer), "proxy_pass_trailers on; " + CONF) as server:
        assert get(server.address).trailers == [(b"X", b"trailer")]


def test_octets_that_go_before_the_limit_go_at_once():
    conf = "limit_rate 1k; limit_rate_after 1m; root %PREFIX%;"
    with Inside(conf) as server:
        server.write("file", bytes(LENGTH))
        assert took(server, b"/file")[0] < 1.0


@pytest.mark.parametrize("rate", ["0", "$arg_none", "$host"])
def test_zero_nothing_and_nonsense_are_no_limit(rate):
    with Inside(f"limit_rate {rate}; root %PREFIX%;") as server:
        server.write("file", bytes(LENGTH))
        assert took(server, b"/file")[0] < 1.0


def test_a_client_that_goes_ends_it():
    conf = "limit_rate 1k; root %PREFIX%;"
    with Inside(conf) as server:
        server.write("file", bytes(LENGTH))
        with Client(server.address) as client:
            client.send(request(b"GET", b"/file"))
            client.socket.recv(1000)
            client.reset()


def test_no_more_than_a_seconds_worth_goes_at_once():
    text = "0123456789" * 60
    conf = f"limit_rate 300; location / {{ return 200 {text}; }}"
    with Inside(conf) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        begun = client.socket.recv(1000)
        assert begun.endswith(b"\r\n\r\n" + text[:300].encode())
        client.reset()


def test_who_says_that_he_goes_is_not_waited_for():
    before = time.monotonic()
    slow = CONF.replace("100k", "100")
    script = answers(response(bytes(LENGTH)))
    with proxying(script, slow) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.socket.recv(100)
        client.half_close()
        client.rest()
    assert time.monotonic() - before < 4.0
