"""What comes before HTTP: PROXY headers, handshakes, and what is neither."""

import contextlib
import ssl

import pytest

from tests.support.client import Client, get
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.inside import Inside
from tests.support.tls import TlsClient, client_context, folder, server_lines

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
TLS = "server {{ listen %PORT% ssl; {0} {1} }}"


def secure(text="return 200 here;", **given):
    return Inside(TLS.format(server_lines(), text), **given)


def test_a_request_is_answered_by_tls():
    with secure("return 200 $scheme:$https;") as server, TlsClient(server.address) as client:
        assert client.get().body == b"https:on"
        assert client.get().body == b"https:on"


def test_an_idle_connection_is_kept_and_wakes():
    with secure() as server, TlsClient(server.address) as client:
        client.get()
        eventually(lambda: server.connections() == 1, what="the connection is idle")
        assert client.get().body == b"here"


def test_a_body_comes_through_whole():
    body = bytes(range(256)) * 2000
    with (
        Inside(
            f"server {{ listen %PORT% ssl; {server_lines()} location / {{ root %PREFIX%; }} }}"
        ) as server,
        TlsClient(server.address) as client,
    ):
        server.write("file", body)
        assert client.get(b"/file").body == body


def test_plain_http_is_told_that_it_is_wrong_here():
    with secure() as server:
        answer = get(server.address)
        assert answer.status == 400
        assert b"The plain HTTP request was sent to HTTPS port" in answer.body


def test_an_error_page_for_497_is_shown():
    text = "error_page 497 =302 https://localhost/; return 200 here;"
    with secure(text) as server:
        assert get(server.address).status == 302


def test_noise_ends_the_connection_and_is_logged():
    with secure() as server:
        with Client(server.address) as client:
            client.send(b"\x16\x03\x01\x00\x05noise")
            client.rest()
        eventually(lambda: "while SSL handshaking" in server.errors(), what="the line")
        assert get(server.address).status == 400


def test_tls_on_a_plain_address_is_a_bad_request():
    with (
        Inside("return 200;") as server,
        Client(server.address) as client,
        pytest.raises(ssl.SSLError),
    ):
        client_context().wrap_socket(client.socket, server_hostname="localhost")


def test_a_client_that_says_nothing_is_let_go():
    with secure("client_header_timeout 200ms;") as server, Client(server.address) as client:
        assert client.closed()
        eventually(lambda: server.connections() == 0, what="it is gone")


def test_half_a_hello_is_let_go_and_holds_up_nobody():
    with secure("client_header_timeout 1s; return 200 here;") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(200):
                client = stack.enter_context(Client(server.address))
                client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            with TlsClient(server.address) as other:
                assert other.get().body == b"here"
        eventually(lambda: server.connections() == 0, within=10, what="all are gone")


def test_the_name_asked_for_chooses_the_certificate():
    text = (
        f"server {{ listen %PORT% ssl; {server_lines()} server_name localhost; return 200; }}"
        f"server {{ listen %PORT%; server_name *.test; ssl_certificate {folder()}/other.test.crt;"
        f"ssl_certificate_key {folder()}/other.test.key; return 200 $ssl_server_name; }}"
    )
    with Inside(text) as server:
        for name in ("localhost", "other.test"):
            with TlsClient(server.address, name) as client:
                subject = client.socket.getpeercert()["subject"]
                assert subject == ((("commonName", name),),)


def test_without_a_name_the_default_server_answers():
    text = "return 200 [$ssl_server_name];"
    with secure(text) as server, TlsClient(server.address, name=None) as client:
        assert client.get().body == b"[]"


def test_draining_lets_a_handshake_finish():
    with secure() as server, Client(server.address) as client:
        eventually(lambda: server.connections() == 1, what="it is accepted")
        in_hub(server.acceptor.drain, 2.0)
        with client_context().wrap_socket(client.socket, server_hostname="localhost") as secured:
            secured.sendall(REQUEST)
            assert b"Connection: close" in secured.recv(4096)


def test_a_proxy_header_goes_before_plain_http():
    text = "server { listen %PORT% proxy_protocol; return 200 $proxy_protocol_addr; }"
    with Inside(text) as server, Client(server.address) as client:
        client.send(b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n")
        assert client.get().body == b"192.0.2.1"


def test_a_proxy_header_goes_before_tls():
    text = (
        f"server {{ listen %PORT% ssl proxy_protocol; {server_lines()} "
        "return 200 $proxy_protocol_addr:$proxy_protocol_port; }"
    )
    with Inside(text) as server, Client(server.address) as bare:
        bare.send(b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n")
        with client_context().wrap_socket(bare.socket, server_hostname="localhost") as secured:
            secured.sendall(REQUEST)
            assert secured.recv(4096).endswith(b"192.0.2.1:1234")


def test_a_proxy_header_may_come_in_pieces():
    text = "server { listen %PORT% proxy_protocol; return 200 $proxy_protocol_addr; }"
    with Inside(text) as server, Client(server.address) as client:
        for octet in b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 80\r\n":
            client.send(bytes([octet]))
        assert client.get().body == b"192.0.2.1"


def test_without_a_proxy_header_there_is_no_service():
    text = "server { listen %PORT% proxy_protocol; return 200; }"
    with Inside(text) as server, Client(server.address) as client:
        client.send(REQUEST)
        assert client.closed()
        eventually(lambda: "broken PROXY header" in server.errors(), what="the line")
