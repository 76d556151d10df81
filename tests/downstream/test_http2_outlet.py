"""What goes out: answers of one turn are one write, and who takes nothing is let go."""

import contextlib
import time

from tests.support.eventually import eventually
from tests.support.http2 import Client2
from tests.support.inside import Inside


def test_answers_to_what_came_at_once_come_at_once():
    with Inside("http2 on; return 200 ok;") as inside, Client2(inside.address) as client:
        client.get()
        held = b""
        for _ in range(10):
            stream = client.conn.get_next_available_stream_id()
            head = [
                (b":method", b"GET"),
                (b":scheme", b"http"),
                (b":path", b"/"),
                (b":authority", b"a"),
            ]
            client.conn.send_headers(stream, head, end_stream=True)
            held += client.conn.data_to_send()
        client.sock.sendall(held)
        octets = client.sock.recv(1 << 20)
        assert octets.count(b"ok") == 10


def test_who_takes_nothing_for_send_timeout_is_let_go():
    text = "http2 on; send_timeout 300ms; location /f { alias %PREFIX%/f; }"
    with Inside(text) as inside:
        inside.write("f", b"x" * 20000000)
        with Client2(inside.address, window=1 << 30) as client:
            client.conn.increment_flow_control_window(1 << 30)
            client.request(path="/f")
            eventually(lambda: inside.connections() == 0, 10)


@contextlib.contextmanager
def asking_for_much(text):
    """A client that has asked for 100 MB and takes them only as the test does."""
    with Inside("http2 on; location /f { alias %PREFIX%/f; }" + text) as inside:
        inside.write("f", bytes(100_000_000))
        with Client2(inside.address, window=1 << 30) as client:
            client.conn.increment_flow_control_window(1 << 30)
            client.request(path="/f")
            yield inside, client


def test_who_takes_little_all_the_time_is_served_for_longer_than_send_timeout():
    with asking_for_much("send_timeout 1s;") as (inside, client):
        until = time.monotonic() + 3.0

        def takes():
            client.sock.recv(300_000)
            return time.monotonic() > until

        eventually(takes, within=20.0)
        assert inside.connections() == 1


def test_who_takes_less_than_send_min_rate_is_let_go():
    with asking_for_much("send_min_rate 100m;") as (inside, client):

        def drips():
            client.sock.recv(10_000)
            return inside.connections() == 0

        eventually(drips, within=15.0)
