import os
import socket
from dataclasses import replace

import pytest

from forkproxy.config.address import Family
from forkproxy.config.settings import ListenAddress
from forkproxy.master.listeners import (
    SHARED,
    ListenError,
    Listeners,
    address_text,
    inherited,
    open_listener,
)
from tests.support.sockets import connect, free_port


def tcp(port=None, **options):
    port = port or free_port()
    text = f"127.0.0.1:{port}"
    return ListenAddress(Family.INET, "127.0.0.1", port, "", text, **options)


def unix(path):
    return ListenAddress(Family.UNIX, "", 0, str(path), f"unix:{path}")


@pytest.fixture
def listeners():
    listeners = Listeners()
    yield listeners
    listeners.close()


def answers(listen):
    try:
        connect(listen.text).close()
    except OSError:
        return False
    return True


def test_a_bound_address_answers_and_a_closed_one_does_not(listeners):
    listen = tcp()
    listeners.bind([listen], 1)
    assert answers(listen)
    listeners.close()
    assert not answers(listen)


def test_an_address_is_matched_by_its_text_and_keeps_its_socket(listeners):
    listen = tcp()
    assert listeners.bind([listen], 1) == [(listen.text, SHARED)]
    sock = listeners.of([listen], 0)[listen.text][0]
    assert listeners.bind([replace(listen, default_server=True)], 4) == []
    assert listeners.of([listen], 3)[listen.text][0] is sock


def test_when_one_cannot_be_bound_the_others_are_undone(listeners):
    kept, new = tcp(), tcp()
    listeners.bind([kept], 1)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        taken = tcp(stranger.getsockname()[1])
        with pytest.raises(ListenError, match="98: Address already in use") as caught:
            listeners.bind([kept, new, taken], 1)
    assert str(os.getpid()) in caught.value.hint
    assert answers(kept)
    assert not answers(new)


def test_only_the_wanted_are_kept(listeners):
    kept, other = tcp(), tcp()
    listeners.bind([kept, other], 1)
    listeners.keep([kept], 1)
    assert answers(kept)
    assert not answers(other)
    assert listeners.texts() == [kept.text]


def test_with_reuseport_each_slot_has_its_own_socket(listeners):
    listen = tcp(reuseport=True)
    assert len(listeners.bind([listen], 3)) == 3
    sockets = [listeners.of([listen], slot)[listen.text][0] for slot in range(3)]
    assert len({sock.fileno() for sock in sockets}) == 3
    listeners.keep([listen], 2)
    assert sockets[2].fileno() == -1
    assert sockets[0].fileno() >= 0


def test_reuseport_can_come_and_go_without_a_moment_of_deafness(listeners):
    plain = tcp()
    shared = replace(plain, reuseport=True)
    listeners.bind([plain], 1)
    waiting = connect(plain.text)
    listeners.bind([shared], 2)
    listeners.keep([shared], 2)
    client, _ = accept_from(listeners.of([shared], 0)[plain.text][0])
    client.close()
    waiting.close()
    listeners.bind([plain], 1)
    listeners.keep([plain], 1)
    assert answers(plain)


def accept_from(sock):
    sock.setblocking(True)
    sock.settimeout(5)
    try:
        return sock.accept()
    finally:
        sock.setblocking(False)


def test_a_unix_socket_is_open_to_all_and_goes_with_its_listener(listeners, tmp_path):
    listen = unix(tmp_path / "sock")
    listeners.bind([listen], 1)
    assert (tmp_path / "sock").stat().st_mode & 0o777 == 0o666
    assert answers(listen)
    listeners.close()
    assert not (tmp_path / "sock").exists()


def test_a_unix_socket_of_a_dead_process_is_replaced(listeners, tmp_path):
    path = tmp_path / "sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    listeners.bind([unix(path)], 1)
    assert answers(unix(path))


def test_a_unix_socket_that_is_served_and_a_plain_file_stay(listeners, tmp_path):
    served, plain = tmp_path / "sock", tmp_path / "file"
    plain.write_text("mine")
    with socket.socket(socket.AF_UNIX) as alive:
        alive.bind(str(served))
        alive.listen()
        with pytest.raises(ListenError):
            listeners.bind([unix(served)], 1)
    with pytest.raises(ListenError):
        listeners.bind([unix(plain)], 1)
    assert plain.read_text() == "mine"


def test_a_port_that_needs_a_privilege_says_which():
    if os.geteuid() == 0:
        pytest.skip("root may")
    with pytest.raises(ListenError, match="CAP_NET_BIND_SERVICE"):
        open_listener(tcp(80))


def test_an_address_of_another_machine_is_told():
    with pytest.raises(ListenError, match="this machine has no such address"):
        open_listener(replace(tcp(), host="203.0.113.9"))


def test_options_reach_the_socket():
    listen = tcp(
        deferred=True, so_keepalive=True, keepalive_probes=(77, 0, 3), rcvbuf=16384, sndbuf=16384
    )
    with open_listener(listen) as sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 77
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 3
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 2 * 16384


def test_ipv6_is_only_that_unless_told():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    port = free_port()
    listen = ListenAddress(Family.INET6, "::", port, "", f"[::]:{port}")
    with open_listener(listen):
        assert not answers(tcp(port))
    with open_listener(replace(listen, ipv6only=False)):
        assert answers(tcp(port))


def test_what_is_handed_over_is_found_again(listeners, tmp_path):
    several = [tcp(), unix(tmp_path / "sock"), tcp(reuseport=True)]
    listeners.bind(several, 2)
    text, descriptors = listeners.hand_over()
    assert len(descriptors) == 4
    for descriptor in descriptors:
        text = text.replace(f", {descriptor}]", f", {os.dup(descriptor)}]")
    other = Listeners(inherited(text))
    assert other.texts() == listeners.texts()
    assert other.bind(several, 2) == []
    other.release()
    assert answers(several[1])


@pytest.mark.parametrize("text", ["", "x", "[1]", '[["a", 1]]', '[["a", 1, 9999]]', "{}x"])
def test_other_text_is_refused(text):
    with pytest.raises(ListenError):
        inherited(text)


def test_in_a_child_all_is_closed_but_what_it_accepts_from(listeners):
    mine, other = tcp(), tcp()
    listeners.bind([mine, other], 1)
    kept = listeners.of([mine], 0)[mine.text]
    dropped = listeners.of([other], 0)[other.text]
    listeners.release(kept)
    assert kept[0].fileno() >= 0
    assert dropped[0].fileno() == -1
    kept[0].close()


def test_the_text_of_a_given_socket_is_that_of_its_listen(tmp_path):
    for listen in (tcp(), unix(tmp_path / "sock")):
        with open_listener(listen) as sock:
            assert address_text(sock) == listen.text
