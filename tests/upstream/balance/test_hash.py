import zlib
from collections import Counter

from forkproxy.upstream.balance.hash import Hash
from tests.support.peers import chosen, deviation, key, peer, upstream

LINES = ["10.0.0.1", "10.0.0.2 weight=2", "10.0.0.3"]


def expected(text, draw=0, before=0):
    """Return the peer that Cache::Memcached chooses."""
    crc = zlib.crc32((str(draw) if draw else "").encode() + text.encode())
    total = before + ((crc >> 16) & 0x7FFF)
    return ("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3")[total % 4], total


def test_the_choice_is_that_of_cache_memcached():
    for number in range(200):
        one = upstream(*LINES, policy=Hash(key(f"key{number}")))
        assert one.choose().name.decode() == expected(f"key{number}")[0]


def test_a_key_whose_peer_is_away_is_hashed_again():
    for number in range(50):
        one = upstream(*LINES, policy=Hash(key(f"key{number}")))
        name, total = expected(f"key{number}")
        peer(one, name).fail()
        draw = 1
        while True:
            other, total = expected(f"key{number}", draw, total)
            if other != name:
                break
            draw += 1
        assert one.choose().name.decode() == other


def test_keys_are_spread_by_weight():
    counts = Counter(
        upstream(*LINES, policy=Hash(key(str(n)))).choose().name.decode() for n in range(1500)
    )
    assert deviation(counts, {"10.0.0.1": 1, "10.0.0.2": 2, "10.0.0.3": 1}) < 6


def test_without_a_key_peers_take_turns():
    assert len(set(chosen(upstream(*LINES, policy=Hash(key(""))), 4))) == 3
