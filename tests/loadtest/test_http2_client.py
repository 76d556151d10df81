import socket
import struct

import pytest

from loadtest.http2_client import OK, UNPROCESSED, Client, frame

DATA, HEADERS, RST_STREAM, PING, GOAWAY = 0, 1, 3, 6, 7
END, HEADED, PADDED = 1, 4, 8
HEAD = b"\x88\x0f\x0d\x012"  # :status 200, content-length 2
REFUSED, INTERNAL_ERROR = 7, 2


@pytest.fixture
def ends():
    """A client, and the socket of the proxy that it talks to."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    with ours, theirs:
        yield Client(ours), theirs


def answer(stream, head=HEAD, content=b"ok"):
    return frame(HEADERS, HEADED, stream, head) + frame(DATA, END, stream, content)


def goaway(last, code=0):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code))


def outcomes(ends, octets, count=1):
    client, proxy = ends
    client.ask(count)
    proxy.sendall(octets)
    return client.outcomes()


def test_a_whole_answer_is_well(ends):
    assert outcomes(ends, answer(3) + answer(1), count=2) == [OK, OK]
    assert (ends[0].waiting, ends[0].answers) == (0, 2)


def test_an_answer_may_come_by_octets(ends):
    client, proxy = ends
    client.ask(1)
    found = []
    for octet in answer(1):
        proxy.sendall(bytes([octet]))
        found += client.outcomes()
    assert found == [OK]


def test_padding_is_no_content(ends):
    padded = frame(DATA, END | PADDED, 1, b"\x03ok\0\0\0")
    assert outcomes(ends, frame(HEADERS, HEADED, 1, HEAD) + padded) == [OK]


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (answer(1, content=b"o"), "content of another length than was said"),
        (answer(1, head=b"\x8e"), "status 500"),
        (frame(RST_STREAM, 0, 1, struct.pack(">I", INTERNAL_ERROR)), "reset with error 2"),
        (frame(RST_STREAM, 0, 1, struct.pack(">I", REFUSED)), UNPROCESSED),
    ],
)
def test_what_is_no_whole_200_has_a_name(ends, octets, kind):
    assert outcomes(ends, octets) == [kind]


def test_streams_beyond_the_last_one_taken_were_not_processed(ends):
    assert outcomes(ends, goaway(1) + answer(1), count=3) == [UNPROCESSED, UNPROCESSED, OK]
    assert ends[0].leaving


def test_a_goaway_with_an_error_is_a_failure_of_all_it_did_not_take(ends):
    assert outcomes(ends, goaway(0, INTERNAL_ERROR)) == ["GOAWAY with error 2"]


def test_what_is_under_way_when_the_connection_ends_is_lost(ends):
    client, proxy = ends
    assert outcomes(ends, frame(HEADERS, HEADED, 3, HEAD), count=2) == []
    proxy.shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        client.outcomes()
    assert client.left() == ["closed unanswered", "closed within an answer"]
    assert client.waiting == 0


def test_a_ping_is_answered(ends):
    client, proxy = ends
    proxy.recv(65536)
    proxy.sendall(frame(PING, 0, 0, b"12345678"))
    assert client.outcomes() == []
    assert proxy.recv(65536) == frame(PING, 1, 0, b"12345678")
