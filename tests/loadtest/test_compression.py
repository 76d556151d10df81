import socket

import pytest

from loadtest.compression import _compressed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "begun"),
    [
        (HEAD + b"some", True),
        (HEAD, False),
        (HEAD.replace(b"Content-Encoding", b"X-Other") + b"some", False),
    ],
    ids=["content", "a head alone", "as it is"],
)
def test_a_stream_has_begun_when_compressed_content_came(sent, begun):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        assert _compressed(ours) is begun
