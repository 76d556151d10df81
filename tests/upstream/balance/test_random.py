from collections import Counter

from forkproxy.upstream.balance.random import Random, RandomTwo
from tests.support.peers import chosen, deviation, peer, upstream

SERVERS = {f"10.0.0.{index}": index % 4 + 1 for index in range(1, 21)}
LINES = [f"{name} weight={weight}" for name, weight in SERVERS.items()]
# Of a hundred thousand draws; by chance alone a true share is as far off once in 10 million runs.
PICKS, FAR = 100_000, 5.5


def test_each_peer_has_the_share_of_its_weight():
    counts = Counter(chosen(upstream(*LINES, policy=Random()), PICKS))
    assert deviation(counts, SERVERS) < FAR


def test_two_different_peers_are_looked_at_and_the_less_busy_one_is_taken():
    one = upstream("10.0.0.1", "10.0.0.2", policy=RandomTwo())
    peer(one, "10.0.0.1").take_place()
    assert set(chosen(one, 50)) == {"10.0.0.2"}


def test_of_two_the_better_keeps_the_load_even():
    one = upstream(*(f"10.0.0.{index}" for index in range(1, 51)), policy=RandomTwo())
    for _ in range(PICKS):
        one.choose().take_place()
    busy = [peer.active for peer in one.peers]
    assert max(busy) - min(busy) <= 12  # by chance alone it would be more than 150


def test_a_peer_that_is_away_is_passed_over():
    one = upstream("10.0.0.1", "10.0.0.2", "10.0.0.3", policy=Random())
    peer(one, "10.0.0.2").fail()
    counts = Counter(chosen(one, 3000))
    assert deviation(counts, {"10.0.0.1": 1, "10.0.0.3": 1}) < FAR
