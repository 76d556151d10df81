"""One HTTP/2 connection: who speaks it, what it bears, and how it ends."""

import time

import h2.errors
import pytest

from tests.support.client import Client, get
from tests.support.eventually import eventually
from tests.support.h2_pair import ask, frame
from tests.support.http2 import Client2, shut
from tests.support.hub import in_hub
from tests.support.inside import Inside, proxying
from tests.support.origin import echo
from tests.support.tls import client_context, server_lines

OK = "http2 on; location / { return 200 ok; } location /f { alias %PREFIX%/f; }"


@pytest.fixture(scope="module")
def server():
    with Inside(OK) as inside:
        inside.write("f", b"x" * 200000)
        yield inside


def test_a_client_may_ask_again_and_again(server):
    with Client2(server.address) as client:
        for _ in range(3):
            answer = client.get()
            assert (answer.status, answer.body) == (200, b"ok")


def test_streams_are_served_at_the_same_time(server):
    with Client2(server.address) as client:
        streams = [client.request(path="/f" if one % 2 else "/") for one in range(20)]
        bodies = [client.answer(stream).body for stream in streams]
    assert bodies == [b"ok", b"x" * 200000] * 10


def test_http1_is_still_spoken_where_the_client_begins_so(server):
    assert get(server.address).body == b"ok"
    with Client(server.address) as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")
        assert client.final().status == 400


def test_a_server_without_http2_takes_the_preface_for_a_bad_request():
    with Inside("return 200 ok;") as inside, Client(inside.address) as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert client.final().status == 400


def test_the_preface_may_come_in_pieces(server):
    with Client2(server.address) as client:
        client.receive()
        assert client.get().status == 200


@pytest.mark.parametrize("wait", ["keepalive_timeout 100ms;", "keepalive_timeout 0;"])
def test_an_idle_connection_is_told_and_ends(wait):
    with Inside(wait + OK) as inside, Client2(inside.address) as client:
        stream = client.request()
        client.answer(stream)
        assert client.wait_closed()
        assert client.goaway.last_stream_id == stream
        assert client.goaway.error_code == h2.errors.ErrorCodes.NO_ERROR


def test_who_says_nothing_is_let_go():
    with Inside("client_header_timeout 100ms;" + OK) as inside, Client2(inside.address) as client:
        assert client.wait_closed()


def test_after_keepalive_requests_nothing_new_is_taken():
    with Inside("keepalive_requests 2;" + OK) as inside, Client2(inside.address) as client:
        client.get()
        assert client.goaway is None
        stream = client.request()
        assert client.answer(stream).status == 200
        client.until(lambda: client.goaway is not None)
        assert client.goaway.last_stream_id == stream


def test_a_drain_lets_what_is_under_way_end():
    with Inside(OK) as inside, Client2(inside.address) as client:
        inside.write("f", b"x" * 200000)
        client.get()
        stream = client.request(path="/f")
        client.until(lambda: client.answers[stream].body)
        in_hub(inside.acceptor.drain, 1.0)
        assert client.answer(stream).body == b"x" * 200000
        assert client.wait_closed()
        assert client.goaway.last_stream_id == stream
        client.sock.close()
        eventually(lambda: inside.connections() == 0)


def test_a_flood_ends_the_connection_and_is_said_in_the_log(server):
    with Client2(server.address) as client:
        client.send_raw(b"\0\0\x08\x06\0\0\0\0\0" + b"12345678")
        client.send_raw((b"\0\0\x08\x06\0\0\0\0\0" + b"12345678") * 1100)
        assert client.wait_closed()
        assert client.goaway.error_code == h2.errors.ErrorCodes.ENHANCE_YOUR_CALM
    assert "http2 flood detected" in server.errors()


@pytest.mark.parametrize(
    "fault",
    [
        frame(8, 0, 1, b"\x7f\xff\xff\xff"),  # a window beyond all bounds: its stream is reset
        frame(6, 0, 0, b"1234567"),  # a PING of a wrong size: the connection fails
    ],
)
def test_what_comes_with_a_fault_reaches_no_upstream(fault):
    with proxying(echo, "http2 on; location / { proxy_pass http://%ORIGIN%; }") as inside:
        with Client2(inside.address) as client:
            client.receive()
            client.send_raw(ask(1) + fault)
            shut(client)
            while client.sock.recv(65536):
                pass
        with Client2(inside.address) as client:
            assert client.get("/seen").status == 200
        assert [request.target for request in inside.origin.requests] == [b"/seen"]


def test_a_connection_that_the_client_ends_is_forgotten(server):
    with Client2(server.address) as client:
        client.get()
        shut(client)
        assert client.wait_closed()
    eventually(lambda: server.connections() == 0)


def test_a_head_that_never_ends_costs_its_stream_only():
    with Inside("client_header_timeout 200ms;" + OK) as inside, Client2(inside.address) as client:
        client.get()
        client.send_raw(b"\0\0\x10\x01\x05\0\0\0\x03\x82")
        octets = b""
        while b"\0\0\x04\x03\0\0\0\0\x03" not in octets:
            octets += client.sock.recv(1000)


def test_after_a_head_that_never_ended_the_connection_goes_on():
    """What comes late of it is thrown away, though the first head had no more time than that."""
    text = "client_header_timeout 200ms; keepalive_timeout 5;" + OK
    with Inside(text) as inside, Client2(inside.address) as client:
        client.send_raw(b"\0\0\x06\x01\x05\0\0\0\x01\x82\x86")
        octets = b""
        while b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x01" not in octets:
            octets += client.sock.recv(1000)
        until = time.monotonic() + 0.4
        eventually(lambda: time.monotonic() > until)
        client.send_raw(b"\x84\x41\x01a" + b"\0\0\x08\x06\0\0\0\0\0" + b"12345678")
        while b"12345678" not in octets:
            octets += client.sock.recv(1000)
        assert client.sock.fileno() >= 0


def test_pings_do_not_put_off_that_a_client_without_a_request_is_let_go():
    with Inside("client_header_timeout 300ms;" + OK) as inside, Client2(inside.address) as client:

        def pings():
            client.conn.ping(b"12345678")
            client.flush()
            return not client.receive()

        eventually(pings)
        assert client.goaway.error_code == h2.errors.ErrorCodes.NO_ERROR


def test_tls_agrees_on_it_by_alpn():
    text = f"""
        listen %PORT% ssl; {server_lines()} http2 on;
        location / {{ return 200 "$http2 $ssl_alpn_protocol"; }}
    """
    context = client_context(protocols=["h2", "http/1.1"])
    with (
        Inside(f"server {{ {text} }}") as inside,
        Client2(inside.address, wrap=lambda sock: wrapped(context, sock)) as client,
    ):
        assert client.get().body == b"h2 h2"


def wrapped(context, sock):
    return context.wrap_socket(sock, server_hostname="localhost")
