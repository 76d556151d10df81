"""One HTTP/2 stream as a socket: bodies that come, tunnels, and who waits on it."""

from tests.support.eventually import eventually
from tests.support.h2_pair import frame
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
        body = client.answer(stream).body
        assert body.endswith(b"x\r\n0\r\n\r\n")
        assert body.count(b"x") == 150000


def test_a_body_of_another_length_than_said_is_a_400():
    with proxying(echo, PROXY) as inside, Client2(inside.address) as client:
        for said in (b"3", b"9"):
            stream = client.request((b"content-length", said), end=False)
            client.send_raw(b"\0\0\x04\0\x01" + stream.to_bytes(4, "big") + b"four")
            assert client.answer(stream).status == 400


def test_content_that_proves_too_long_once_it_was_passed_on_is_a_400():
    def script(peer):
        peer.head()
        assert peer.reader.exactly(5) == b"whole"
        peer.gone()

    text = PROXY + "proxy_request_buffering off;"
    with proxying(script, text) as inside, Client2(inside.address) as client:
        stream = client.request((b"content-length", b"5"), body=b"whole", end=False)
        eventually(lambda: inside.origin.peers and inside.origin.peers[0].raw.endswith(b"whole"))
        client.send_raw(b"\0\0\x04\0\x01" + stream.to_bytes(4, "big") + b"more")
        assert client.answer(stream).status == 400


def test_content_of_length_that_is_said_is_over_only_with_its_stream():
    with proxying(echo, PROXY) as inside, Client2(inside.address) as client:
        stream = client.request((b"content-length", b"5"), body=b"whole", end=False)
        assert client.get("/other").status == 200
        client.send_raw(b"\0\0\x04\0\x01" + stream.to_bytes(4, "big") + b"more")
        assert client.answer(stream).status == 400
        assert inside.origin.last.target == b"/other"


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


def test_a_stream_whose_window_stays_shut_is_reset_and_others_go_on():
    text = "http2 on; send_timeout 300ms; location / { return 200 ok; }"
    with Inside(text) as inside, Client2(inside.address, window=0) as client:
        stream = client.request()
        assert client.answer(stream).reset is not None
        other = client.request()
        client.until(lambda: client.answers[other].fields)
        client.conn.increment_flow_control_window(100, other)
        client.flush()
        assert client.answer(other).body == b"ok"


def test_a_stream_whose_window_opens_too_slowly_is_reset():
    text = "http2 on; send_min_rate 1m; location / { alias %PREFIX%/; }"
    with Inside(text) as inside, Client2(inside.address, window=100) as client:
        inside.write("f", bytes(100_000))
        stream = client.request(path="/f")
        octets = bytearray()

        def drips():
            client.send_raw(frame(8, 0, stream, b"\0\0\0\x0a"))
            octets.extend(client.sock.recv(1000))
            return frame(3, 0, stream, b"\0\0\0\2") in octets

        eventually(drips, within=15.0)
        assert len(octets) < 100_000
