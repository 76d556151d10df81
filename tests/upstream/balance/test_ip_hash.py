import ipaddress
import socket

import pytest

from tests.support.backends import balancing
from tests.support.client import request
from tests.support.messages import Reader

WEIGHTS = (1, 2, 1)


def expected(address):
    """Return nginx's choice: of the first three octets of IPv4."""
    drawn = 89
    for octet in ipaddress.ip_address(address).packed[:3]:
        drawn = (drawn * 113 + octet) % 6271
    return (b"a", b"b", b"b", b"c")[drawn % 4]


def ask_from(source, address):
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), 5.0, (source, 0)) as sock:
        sock.sendall(request(b"GET", b"/"))
        return Reader(sock).response(b"GET").body


@pytest.mark.parametrize("third", range(0, 250, 25))
def test_the_first_three_octets_of_a_client_choose_its_peer(third):
    options = {name: f"weight={weight}" for name, weight in zip("abc", WEIGHTS, strict=True)}
    with balancing("ip_hash;", "a", "b", "c", options=options) as inside:
        network = f"127.{third}.{255 - third}"
        for last in (1, 200):
            assert ask_from(f"{network}.{last}", inside.address) == expected(f"{network}.{last}")
