"""A request's body that is long or still coming: sent while the answer is awaited."""

import pytest

from tests.support.client import Client, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import echo, response

STREAMED = """
    client_max_body_size 0;
    location / { proxy_request_buffering off; proxy_pass http://%ORIGIN%; }
    location /stored { client_body_buffer_size 1k; proxy_pass http://%ORIGIN%; }
"""
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def server():
    with proxying(echo, STREAMED) as inside:
        yield inside


@pytest.mark.parametrize("target", [b"/", b"/stored"])
@pytest.mark.parametrize("size", [1, 65_536, 1_000_000, 5_000_000])
def test_a_body_comes_whole(server, target, size):
    body = bytes(range(250)) * (size // 250 + 1)
    with Client(server.address, timeout=20.0) as client:
        client.ask(request(b"POST", target, body=body[:size]))
        assert server.origin.last.body == body[:size]
        assert client.get().status == 200


def test_chunks_stay_chunks_and_trailers_are_dropped(server):
    with Client(server.address) as client:
        client.send(CHUNKED + b"5\r\nfirst\r\n")
        eventually(lambda: any(b"first" in peer.raw for peer in server.origin.peers))
        client.ask(b"1\r\nd\r\n0\r\nT: 1\r\n\r\n")
        sent = server.origin.last
        assert (sent.body, sent.get(b"transfer-encoding")) == (b"firstd", b"chunked")
        assert client.get().status == 200


def test_what_has_come_is_sent_before_the_rest_is_there():
    def script(peer):
        peer.head()
        assert peer.reader.exactly(3) == b"abc"
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert peer.reader.exactly(3) == b"def"
        peer.send(response(b"both"))

    with proxying(script, STREAMED) as inside, Client(inside.address) as client:
        client.send(request(b"POST", b"/", b"Content-Length: 6") + b"abc")
        eventually(lambda: inside.origin.peers and b"abc" in inside.origin.peers[0].raw, what="abc")
        client.send(b"def")
        assert client.final().body == b"both"


def answers_early(peer):
    """Answer as soon as the head is there, and take no more."""
    while True:
        peer.head()
        peer.send(response(b"early"))
        peer.gone()
        return


def test_an_answer_before_the_end_of_the_body_is_the_answer():
    with proxying(answers_early, STREAMED) as inside, Client(inside.address) as client:
        client.send(request(b"POST", b"/", b"Content-Length: 100") + b"abc")
        answer = client.final()
        assert (answer.body, answer.get(b"connection")) == (b"early", b"close")
        assert client.closed()
        eventually(lambda: inside.origin.peers[0].closed(), what="it was not kept")


def test_the_last_chunk_and_the_end_are_one_write():
    def script(peer):
        peer.head()
        while b"first" not in peer.raw:
            peer.reader.more()
        peer.reader.more()
        assert peer.raw.endswith(b"first\r\n4\r\nlast\r\n0\r\n\r\n")
        peer.send(response(b"both"))

    with proxying(script, STREAMED) as inside, Client(inside.address) as client:
        client.send(CHUNKED + b"5\r\nfirst\r\n")
        eventually(lambda: inside.origin.peers and b"first" in inside.origin.peers[0].raw)
        client.send(b"4\r\nlast\r\n0\r\n\r\n")
        assert client.final().body == b"both"


def test_an_answer_after_the_last_octet_keeps_both_connections():
    with proxying(echo, STREAMED) as inside, Client(inside.address) as client:
        for _ in range(3):
            answer = client.ask(request(b"POST", b"/", body=bytes(300_000)))
            assert answer.get(b"connection") == b"keep-alive"
        assert len(inside.origin.peers) == 1


@pytest.mark.parametrize("framing", [b"Content-Length: 10", b"Transfer-Encoding: chunked"])
def test_a_client_that_leaves_in_the_middle_ends_the_request(framing):
    with proxying(lambda peer: (peer.head(), peer.gone()), STREAMED) as inside:
        with Client(inside.address) as client:
            client.send(request(b"POST", b"/", framing))
            inside.origin.wait(1)
        eventually(lambda: inside.origin.peers[0].closed(), what="the origin saw it leave")
        eventually(lambda: inside.peers()[0].active == 0, what="the attempt is over")


@pytest.mark.parametrize("rest", [b"x\r\n", b"-1\r\n"])
def test_a_broken_body_is_a_400_and_no_whole_request_for_the_upstream(rest):
    with proxying(lambda peer: (peer.head(), peer.gone()), STREAMED) as inside:
        with Client(inside.address) as client:
            client.send(CHUNKED + b"1\r\na\r\n")
            inside.origin.wait(1)
            client.send(rest)
            assert client.final().status == 400
        eventually(lambda: inside.origin.peers[0].closed(), what="the origin saw the end")
        assert not inside.origin.peers[0].raw.endswith(b"0\r\n\r\n")


def test_an_upstream_that_reads_nothing_holds_the_client_back():
    def script(peer):
        peer.head()
        peer.origin.closing.wait(5)

    with proxying(script, STREAMED) as inside, Client(inside.address, timeout=0.5) as client:
        client.send(request(b"POST", b"/", b"Content-Length: 1000000000"))
        sent = 0
        with pytest.raises(TimeoutError):
            while True:
                sent += client.socket.send(bytes(65536))
        assert sent < 100_000_000
