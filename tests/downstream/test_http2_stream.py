"""One HTTP/2 stream as a socket: bodies that come, tunnels, and who waits on it."""

from tests.support.http2 import Client2
from tests.support.inside import Inside, proxying
from tests.support.origin import echo

PROXY = "http2 on; client_max_body_size 0; location / { proxy_pass http://%ORIGIN%; }"


def test_a_body_of_any_length_comes_whole():
    with proxying(echo, PROXY) as inside, Client2(inside.address) as client:
        for size in (1, 65535, 65536, 1000000):
            assert client.get(body=b"x" * size).body.endswith(b"x" * size)


def test_a_body_is_passed_on_as_it_comes_without_buffering():
    text = PROXY + "proxy_request_buffering off;"
    with proxying(echo, text) as inside, Client2(inside.address) as client:
        stream = client.request(end=False)
        for _ in range(3):
            client.send(stream, b"x" * 50000, end=False)
        client.send(stream, b"", end=True)
        assert client.answer(stream).body.endswith(b"x" * 1000 + b"\r\n0\r\n\r\n")


def test_a_body_of_another_length_than_said_is_a_400():
    with proxying(echo, PROXY) as inside, Client2(inside.address) as client:
        for said in (b"3", b"9"):
            stream = client.request((b"content-length", said), end=False)
            client.send_raw(b"\0\0\x04\0\x01" + stream.to_bytes(4, "big") + b"four")
            assert client.answer(stream).status == 400


def test_a_body_that_is_too_large_is_a_413():
    text = PROXY.replace("client_max_body_size 0", "client_max_body_size 1000")
    with proxying(echo, text) as inside, Client2(inside.address) as client:
        assert client.get(body=b"x" * 1001).status == 413
        assert client.get(body=b"x" * 1000).status == 200


def test_a_body_that_does_not_come_is_a_408_and_a_reset():
    text = PROXY + "client_body_timeout 200ms;"
    with proxying(echo, text) as inside, Client2(inside.address) as client:
        answer = client.answer(client.request(end=False))
        assert answer.status == 408


def test_a_body_that_nobody_wants_ends_with_the_answer():
    with Inside("http2 on; return 200 ok;") as inside, Client2(inside.address) as client:
        stream = client.request(end=False)
        answer = client.answers[stream]
        client.until(lambda: answer.reset is not None)
        assert (answer.body, answer.reset) == (b"ok", 0)


def test_a_client_that_leaves_takes_its_uploads_along():
    with proxying(echo, PROXY) as inside:
        with Client2(inside.address) as client:
            client.request(end=False, body=b"x")
        assert inside.connections() >= 0
