"""What goes out: answers of one turn are one write, and who takes nothing is let go."""

from tests.support.eventually import eventually
from tests.support.http2 import Client2
from tests.support.inside import Inside


def test_answers_to_what_came_at_once_come_at_once():
    with Inside("http2 on; return 200 ok;") as inside, Client2(inside.address) as client:
        client.get()
        held = b""
        for _ in range(50):
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
        assert octets.count(b"ok") == 50


def test_who_takes_nothing_for_send_timeout_is_let_go():
    text = "http2 on; send_timeout 300ms; location /f { alias %PREFIX%/f; }"
    with Inside(text) as inside:
        inside.write("f", b"x" * 20000000)
        with Client2(inside.address, window=1 << 30) as client:
            client.conn.increment_flow_control_window(1 << 30)
            client.request(path="/f")
            eventually(lambda: inside.connections() == 0, 10)
