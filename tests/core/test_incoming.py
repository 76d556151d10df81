"""Content that comes on a connection, the same for both sides: framed three ways, in any pieces."""

import pytest

from tests.support.client import Client, request
from tests.support.inside import proxying
from tests.support.origin import answers, chunked, echo, response

STREAMED = "location / { proxy_request_buffering off; proxy_pass http://%ORIGIN%; }"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
CODED = b"3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n1\r\nz\r\n0\r\nT: 1\r\n\r\n"
CONTENT = b"abc0123456789abcdefz"


@pytest.fixture(scope="module")
def server():
    with proxying(echo, STREAMED) as inside:
        yield inside


def pieces(octets, size):
    return [octets[at : at + size] for at in range(0, len(octets), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 1000])
def test_a_chunked_body_in_pieces_of_any_size(server, size):
    with Client(server.address) as client:
        client.send(CHUNKED)
        for piece in pieces(CODED, size):
            client.send(piece)
        assert client.final().status == 200
        assert server.origin.last.body == CONTENT
        assert client.get().status == 200


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_body_with_a_length_in_pieces_of_any_size(server, size):
    with Client(server.address) as client:
        head, _, body = request(b"POST", b"/", body=CONTENT).partition(b"\r\n\r\n")
        client.send(head + b"\r\n\r\n")
        for piece in pieces(body, size):
            client.send(piece)
        assert client.final().status == 200
        assert server.origin.last.body == CONTENT


@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_comes_behind_a_body_is_the_next_request(server, count):
    before = len(server.origin.requests)
    with Client(server.address) as client:
        both = CHUNKED + CODED + request(b"POST", b"/", body=CONTENT)
        client.send(both * count)
        for _ in range(2 * count):
            assert client.final().status == 200
    bodies = [asked.body for asked in server.origin.requests[before:]]
    assert bodies == [CONTENT] * (2 * count)


def test_a_body_larger_than_any_buffer(server):
    body = bytes(range(256)) * 4000
    with Client(server.address) as client:
        answer = client.ask(request(b"POST", b"/", body=body[:1_000_000]))
        assert answer.body.endswith(body[:1_000_000])


@pytest.mark.parametrize(
    "octets",
    [b"x\r\n", b"1\r\nabc\r\n", b"1\r\na\n", b"-1\r\n", b"11111111111111111\r\n", b" 1\r\na\r\n"],
)
def test_a_broken_coding_is_a_400_and_the_end_of_the_connection(octets):
    conf = "location / { proxy_pass http://%ORIGIN%; }"
    with proxying(echo, conf) as inside, Client(inside.address) as client:
        answer = client.ask(CHUNKED + octets)
        assert (answer.status, answer.get(b"connection")) == (400, b"close")
        assert inside.origin.requests == []


ANSWERS = {
    "with its length": response(CONTENT),
    "chunked": chunked([b"abc", b"0123456789abcdef", b"z"]),
    "chunked with trailers": chunked([CONTENT], trailers=[b"T: 1"]),
    "empty": response(b""),
    "empty and chunked": chunked([]),
}


@pytest.mark.parametrize("size", [1, 9, 4096])
@pytest.mark.parametrize("octets", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_in_pieces_of_any_size(octets, size):
    def script(peer):
        while True:
            peer.request()
            peer.send(*pieces(octets, size))

    with proxying(script, "location / { proxy_pass http://%ORIGIN%; }") as inside:
        with Client(inside.address) as client:
            for _ in range(2):
                assert client.get().body == (CONTENT if b"abc" in octets else b"")
        assert len(inside.origin.peers) == 1


def test_an_answer_until_the_end_of_the_connection():
    script = answers(b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT, close=True)
    with (
        proxying(script, "location / { proxy_pass http://%ORIGIN%; }") as inside,
        Client(inside.address) as client,
    ):
        answer = client.get()
        assert (answer.body, answer.get(b"transfer-encoding")) == (CONTENT, b"chunked")
        assert client.get().body == CONTENT
