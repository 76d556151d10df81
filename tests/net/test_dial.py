"""Addresses, and connections to them."""

import errno
import socket

import pytest

from forkproxy.errors import PeerError
from forkproxy.net.dial import Address, dial_stream, local_name, resolve, resolve_at_once
from tests.support.hub import in_hub
from tests.support.sockets import free_port


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [
        ("10.0.0.1", 80, b"10.0.0.1:80"),
        ("::1", 8080, b"[::1]:8080"),
        ("[2001:db8::7]", 1, b"[2001:db8::7]:1"),
        ("unix:/run/app.sock", 0, b"unix:/run/app.sock"),
    ],
)
def test_an_address_is_shown_as_nginx_shows_it(host, port, text):
    assert Address(host, port).text == text


@pytest.mark.parametrize(
    "host", ["localhost", "", "10.0.0", "1.2.3.4.5", "::g", "[::1", "a:b", "é"]
)
def test_what_is_no_address_is_refused(host):
    with pytest.raises(ValueError):
        Address(host, 80)


def test_a_path_too_long_for_the_kernel_is_refused():
    with pytest.raises(ValueError):
        Address("unix:/" + "x" * 107)


def test_a_connection_to_a_listener_carries_octets():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = in_hub(dial_stream, Address("127.0.0.1", listener.getsockname()[1]), 5.0)
        accepted, _ = listener.accept()
        accepted.sendall(b"welcome")
        assert in_hub(stream.recv) == b"welcome"
        in_hub(stream.close)
        accepted.close()


def test_a_connection_over_ip_version_6_carries_octets():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        stream = in_hub(dial_stream, Address("::1", listener.getsockname()[1]), 5.0, True)
        accepted, _ = listener.accept()
        accepted.sendall(b"six")
        assert in_hub(stream.recv) == b"six"
        in_hub(stream.close)
        accepted.close()


def test_a_connection_to_a_unix_socket_carries_octets(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        stream = in_hub(dial_stream, Address(f"unix:{tmp_path}/s"), 5.0)
        accepted, _ = listener.accept()
        in_hub(stream.send, b"here")
        assert accepted.recv(10) == b"here"
        in_hub(stream.close)
        accepted.close()


def test_a_refused_connection_is_an_error_before_anything_was_sent():
    with pytest.raises(PeerError) as failed:
        in_hub(dial_stream, Address("127.0.0.1", free_port()), 5.0)
    assert (failed.value.sent, failed.value.status) == (False, 502)
    assert f"({errno.ECONNREFUSED}: Connection refused)" in failed.value.reason


def test_a_missing_unix_socket_is_an_error_before_anything_was_sent(tmp_path):
    with pytest.raises(PeerError) as failed:
        in_hub(dial_stream, Address(f"unix:{tmp_path}/none"), 5.0)
    assert (failed.value.sent, failed.value.status) == (False, 502)
    assert f"({errno.ENOENT}: No such file or directory)" in failed.value.reason


def test_a_connection_that_does_not_come_about_in_time_is_a_504():
    # A queue that is full leaves the next connection waiting.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        where = listener.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(where)
        with pytest.raises(PeerError) as failed:
            in_hub(dial_stream, Address(*where), 0.05)
        for sock in waiting:
            sock.close()
    assert (failed.value.sent, failed.value.status) == (False, 504)
    assert failed.value.reason == "timed out while connecting"


@pytest.mark.parametrize("look_up", [resolve_at_once, lambda *name: in_hub(resolve, *name)])
def test_a_name_is_resolved_to_its_addresses(look_up):
    found = [address.text for address in look_up("localhost", 80)]
    assert b"127.0.0.1:80" in found or b"[::1]:80" in found


@pytest.mark.parametrize("look_up", [resolve_at_once, lambda *name: in_hub(resolve, *name)])
def test_a_name_that_nobody_knows_is_an_error(look_up):
    with pytest.raises(OSError):
        look_up("no-such-name.invalid", 80)


def test_our_side_of_a_connection_has_a_name():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = in_hub(dial_stream, Address("127.0.0.1", listener.getsockname()[1]), 5.0)
        _, where = listener.accept()
        assert in_hub(local_name, stream) == (where[0].encode(), where[1])
        in_hub(stream.close)
