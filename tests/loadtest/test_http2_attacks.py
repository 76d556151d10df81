"""Attacks are octets of frames, and end when the server ends the connection."""

from itertools import islice

import pytest

from loadtest.http2_attacks import ATTACKS, attack
from tests.support.inside import Inside


@pytest.mark.parametrize("name", ATTACKS)
def test_each_is_whole_frames(name):
    for piece in islice(ATTACKS[name].pieces(), 3):
        at = 0
        while at < len(piece):
            at += 9 + int.from_bytes(piece[at : at + 3], "big")
        assert at == len(piece)


@pytest.mark.parametrize("name", ["wrong size", "PING", "HPACK bomb"])
def test_the_server_has_enough_and_the_next_connection_is_made(name):
    with Inside("http2 on; return 200;") as inside:
        sent = attack(name, inside.port, 0.5)
        assert sent.connections > 1
        assert sent.octets > 0
