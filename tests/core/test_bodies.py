"""The plain bodies: octets, a slice of a file, a request body that was read ahead."""

import os

import pytest

from forkproxy.core.bodies import FileBody, OctetsBody
from tests.support.client import Client, ask, request
from tests.support.inside import proxying
from tests.support.origin import echo


def whole(body):
    return b"".join(iter(body.read, b""))


@pytest.fixture
def descriptor(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 1024)
    return os.open(path, os.O_RDONLY)


def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_octets_are_read_once():
    body = OctetsBody(b"octets")
    assert (body.length, whole(body), whole(body)) == (6, b"octets", b"")


def test_many_octets_come_in_pieces():
    body = OctetsBody(bytes(200_000))
    assert len(body.read()) == 65536
    assert len(whole(body)) == 200_000 - 65536


def test_a_file_is_read_from_its_front(descriptor):
    body = FileBody(descriptor, 0, 256 * 1024)
    assert whole(body) == bytes(range(256)) * 1024
    assert (body.offset, body.left) == (256 * 1024, 0)
    body.close()


def test_a_slice_is_a_slice(descriptor):
    body = FileBody(descriptor, 10, 5)
    assert (body.length, whole(body)) == (5, bytes(range(10, 15)))
    body.close()


def test_a_file_that_became_shorter_is_an_error(descriptor):
    body = FileBody(descriptor, 256 * 1024 - 1, 2)
    assert body.read() == b"\xff"
    with pytest.raises(OSError, match="became shorter"):
        body.read()
    body.close()


def test_the_descriptor_is_closed_with_the_body(descriptor):
    body = FileBody(descriptor, 0, 1)
    body.close()
    body.close()
    assert not is_open(descriptor)


def test_the_descriptor_is_closed_with_a_body_that_is_forgotten(descriptor):
    body = FileBody(descriptor, 0, 1)
    del body
    assert not is_open(descriptor)


def test_a_descriptor_of_others_stays_open(descriptor):
    FileBody(descriptor, 0, 1, owned=False).close()
    assert is_open(descriptor)
    os.close(descriptor)


SIZES = [0, 1, 1023, 1024, 1025, 200_000]
CONF = "client_body_buffer_size 1k; location / { proxy_pass http://%ORIGIN%; }"


@pytest.fixture(scope="module")
def server():
    conf = "access_log logs/access.log shown; " + CONF
    with proxying(echo, conf, http="log_format shown '$request_body_file';") as inside:
        yield inside


@pytest.mark.parametrize("size", SIZES)
def test_a_body_that_was_stored_is_sent_whole(server, size):
    octets = bytes(range(251)) * (size // 251 + 1)
    answer = ask(server.address, request(b"POST", b"/", body=octets[:size]))
    assert answer.body.endswith(octets[:size])
    assert server.origin.last.body == octets[:size]


@pytest.mark.parametrize("size", SIZES)
def test_a_chunked_body_that_was_stored_has_a_length(server, size):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"1\r\n%c\r\n" % (index % 251) for index in range(min(size, 3000)))
    assert ask(server.address, head + chunks + b"0\r\n\r\n").status == 200
    sent = server.origin.last
    assert sent.body == bytes(index % 251 for index in range(min(size, 3000)))
    assert sent.get(b"content-length") == b"%d" % len(sent.body)


def test_a_file_for_a_body_has_no_name_and_is_gone_afterwards(server):
    folder = server.prefix / "client_body_temp"
    with Client(server.address) as client:
        client.ask(request(b"POST", b"/", body=bytes(5000)))
        assert list(folder.iterdir()) == []
        path = server.lines()[-1]
        client.ask(request(b"POST", b"/", body=b"x"))
    assert path.startswith(b"/proc/")
    assert not os.path.exists(path) or "client_body_temp" not in os.readlink(path)
