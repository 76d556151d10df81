"""Whose turn it is: a connection of many streams is served as one of few."""

from tests.support.eventually import eventually
from tests.support.h2_pair import frame
from tests.support.http2 import Client2
from tests.support.hub import in_hub
from tests.support.inside import Inside, proxying

LOGGED = "http2 on; http2_max_concurrent_streams 1000; access_log logs/a.log uri; return 200;"


def asking(client, path, *, urgency=3):
    """Return the frame of one more request, to be written whenever the test wants."""
    stream = client.conn.get_next_available_stream_id()
    head = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", path), (b":authority", b"a")]
    client.conn.send_headers(stream, [*head, (b"priority", b"u=%d" % urgency)], end_stream=True)
    return client.conn.data_to_send()


def logged(inside, count):
    """Return the paths of so many requests, in the order in which they were answered."""
    path = inside.prefix / "logs" / "a.log"
    eventually(lambda: path.exists() and len(path.read_text().splitlines()) == count)
    return path.read_text().splitlines()


def test_one_stream_of_another_client_does_not_wait_for_five_hundred():
    with (
        Inside(LOGGED, http="log_format uri $uri;") as inside,
        Client2(inside.address) as many,
        Client2(inside.address) as one,
    ):
        many.get("/many")
        one.get("/one")
        crowd = b"".join(asking(many, b"/many") for _ in range(500))
        single = asking(one, b"/single")
        in_hub(lambda: (many.send_raw(crowd), one.send_raw(single)))
        assert logged(inside, 503).index("/single") < 30


def test_the_most_urgent_of_those_that_wait_is_next():
    with Inside(LOGGED, http="log_format uri $uri;") as inside, Client2(inside.address) as client:
        client.get("/first")
        octets = b"".join(asking(client, b"/late", urgency=5) for _ in range(100))
        octets += asking(client, b"/urgent", urgency=0)
        in_hub(lambda: client.send_raw(octets))
        assert logged(inside, 102).index("/urgent") <= 11


def test_all_streams_are_under_way_where_nobody_else_wants_the_worker():
    def together(peer):
        peer.head()
        eventually(lambda: len(peer.origin.requests) >= 100, 20)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    text = "http2 on; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(together, text) as inside, Client2(inside.address) as client:
        streams = [client.request() for _ in range(100)]
        assert {client.answer(stream).status for stream in streams} == {200}


def test_what_waits_on_a_connection_that_ends_is_forgotten():
    with Inside(LOGGED, http="log_format uri $uri;") as inside, Client2(inside.address) as client:
        octets = b"".join(asking(client, b"/x") for _ in range(500))
        client.send_raw(octets + frame(6, 0, 1, b"12345678"))  # no PING may be of a stream
        assert client.wait_closed()
        client.sock.close()
        eventually(lambda: inside.connections() == 0)
