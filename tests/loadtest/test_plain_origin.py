import asyncio

import pytest

from loadtest import websocket
from loadtest.plain_origin import Connection

GET = b"GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /upload HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
GOT = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nxxxx"
POSTED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Wire(asyncio.Transport):
    """Where a connection's answers go."""

    def __init__(self):
        super().__init__()
        self.sent = b""
        self.closed = False

    def write(self, data):
        self.sent += data

    def close(self):
        self.closed = True


def answers(*pieces):
    wire, connection = Wire(), Connection()
    connection.connection_made(wire)
    for piece in pieces:
        connection.data_received(piece)
    return wire


def octets(data):
    return [data[index : index + 1] for index in range(len(data))]


@pytest.mark.parametrize("cut", [lambda data: [data], octets], ids=["at once", "by octets"])
@pytest.mark.parametrize(
    ("request_", "answer"), [(GET, GOT), (POST, POSTED), (POST + GET + POST, POSTED + GOT + POSTED)]
)
def test_requests_are_answered_in_order(cut, request_, answer):
    assert answers(*cut(request_)).sent == answer


def test_a_post_is_answered_only_when_its_whole_body_is_there():
    assert answers(POST[:-1]).sent == b""
    assert answers(POST[:-1], POST[-1:]).sent == POSTED


def test_what_follows_a_body_is_the_next_request():
    assert answers(POST[:-3], POST[-3:] + GET).sent == POSTED + GOT


@pytest.mark.parametrize("path", [b"/", b"/nothing", b"/99999999999"])
def test_another_path_is_not_found(path):
    assert answers(b"GET %s HTTP/1.1\r\n\r\n" % path).sent.startswith(b"HTTP/1.1 404 ")


def test_a_body_without_a_length_is_refused():
    request = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert answers(request).sent.startswith(b"HTTP/1.1 411 ")


def test_an_endless_head_is_not_read():
    assert answers(b"x" * 20000).closed


@pytest.mark.parametrize("cut", [lambda data: [data], octets], ids=["at once", "by octets"])
def test_a_websocket_is_echoed_until_it_closes(cut):
    head = b"GET /echo HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    frames = websocket.client_frame(1, b"one") + websocket.client_frame(1, b"two")
    wire = answers(*cut(head + frames + websocket.client_frame(websocket.CLOSE, b"")))
    answered, _, echoed = wire.sent.partition(b"\r\n\r\n")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answered
    assert echoed == b"\x81\x03one\x81\x03two\x88\x00"
    assert wire.closed


def test_a_stream_begins_and_does_not_end():
    sent = answers(b"GET /upload/stream HTTP/1.1\r\n\r\n").sent
    assert b"Transfer-Encoding: chunked\r\n\r\n800\r\n<!DOCTYPE html>" in sent
    assert not sent.endswith(b"0\r\n\r\n")
