"""Tunnels: octets both ways until both sides have ended."""

import contextlib
import socket
import time

from tests.support.client import Client
from tests.support.eventually import eventually
from tests.support.inside import proxying

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n"
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n"
UPGRADE = (
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;"
    'proxy_set_header Connection "upgrade";'
)


@contextlib.contextmanager
def tunnel(script, early=b"", settings=""):
    """A client that is joined to `script(peer)` at the origin."""

    def switch(peer):
        peer.head()
        peer.send(SWITCH + early)
        script(peer)

    conf = f"{UPGRADE} {settings} location / {{ proxy_pass http://%ORIGIN%; }}"
    with proxying(switch, conf) as server, Client(server.address) as client:
        client.server = server
        client.origin = server.origin
        assert client.ask(ASK).status == 101
        yield client


def echo(peer):
    while piece := peer.socket.recv(65536):
        peer.send(piece)


def test_octets_go_both_ways():
    with tunnel(echo) as client:
        for octets in (b"one", b"two"):
            client.send(octets)
            assert client.reader.exactly(3) == octets


def test_the_other_side_may_speak_first():
    with tunnel(lambda peer: (peer.send(b"hello"), peer.gone())) as client:
        assert client.reader.exactly(5) == b"hello"


def test_octets_right_behind_the_head_of_the_answer_are_not_lost():
    with tunnel(echo, early=b"early") as client:
        assert client.reader.exactly(5) == b"early"


def test_octets_right_behind_the_head_of_the_request_are_not_lost():
    def script(peer):
        peer.head()
        peer.send(SWITCH)
        peer.send(peer.reader.exactly(5))

    conf = f"{UPGRADE} location / {{ proxy_pass http://%ORIGIN%; }}"
    with proxying(script, conf) as server, Client(server.address) as client:
        client.send(ASK + b"early")
        assert client.final().status == 101
        assert client.rest() == b"early"


def test_the_clients_half_close_is_passed_on_and_the_answer_still_comes():
    def answers_at_the_end(peer):
        said = peer.reader.rest()
        peer.send(b"heard " + said)

    with tunnel(answers_at_the_end) as client:
        client.send(b"this")
        client.half_close()
        assert client.rest() == b"heard this"


def test_the_upstreams_half_close_is_passed_on_and_it_still_hears():
    heard = []

    def says_its_last(peer):
        peer.send(b"bye")
        peer.socket.shutdown(socket.SHUT_WR)
        heard.append(peer.reader.rest())

    with tunnel(says_its_last) as client:
        assert client.rest() == b"bye"
        client.send(b"and you")
        client.half_close()
        eventually(lambda: heard == [b"and you"])


def test_the_upstreams_close_ends_the_clients_connection():
    with tunnel(lambda peer: None) as client:
        assert client.rest() == b""
        client.half_close()
        eventually(lambda: client.server.connections() == 0)


def test_the_clients_reset_ends_the_upstreams_connection():
    with tunnel(lambda peer: peer.gone()) as client:
        client.reset()
        eventually(lambda: client.origin.peers[0].closed())


def test_megabytes_arrive_as_they_were_sent_in_both_directions():
    octets = bytes(range(256)) * 12000

    def swap(peer):
        assert peer.reader.exactly(len(octets)) == octets
        peer.send(octets[::-1])

    with tunnel(swap) as client:
        client.send(octets)
        assert client.reader.exactly(len(octets)) == octets[::-1]


def test_a_tunnel_in_which_nothing_moves_is_closed_after_proxy_read_timeout():
    with tunnel(lambda peer: peer.gone(), settings="proxy_read_timeout 100ms;") as client:
        assert client.closed()
        eventually(lambda: "tunnel timed out" in client.server.errors())


def test_octets_in_one_direction_keep_a_tunnel_open():
    with tunnel(echo, settings="proxy_read_timeout 150ms;") as client:
        until = time.monotonic() + 0.4
        while time.monotonic() < until:
            client.send(b"x")
            assert client.reader.exactly(1) == b"x"
        assert client.server.connections() == 1
