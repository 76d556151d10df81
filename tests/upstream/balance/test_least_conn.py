import random

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Row
from forkproxy.upstream.balance.least_conn import LeastConn
from tests.support.peers import chosen, upstream


def pair():
    """Return two processes' views of an upstream."""
    made = cells.make(4)
    both = [upstream("10.0.0.1", "10.0.0.2", policy=LeastConn()) for _ in "ab"]
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    for row, one in enumerate(both):
        one.attach(made.of(Row.FIRST_WORKER + row))
    return both


def test_the_least_busy_peer_of_the_whole_machine_is_taken():
    here, there = pair()
    for _ in range(3):
        here.peers[0].take_place()
    assert set(chosen(there, 5)) == {"10.0.0.2"}


def test_peers_that_are_as_busy_take_turns():
    here, _ = pair()
    assert chosen(here, 4) == ["10.0.0.1", "10.0.0.2"] * 2


def test_a_weight_is_a_share_of_what_is_in_flight():
    one = upstream("10.0.0.1 weight=3", "10.0.0.2", policy=LeastConn())
    for _ in range(400):
        one.choose().take_place()
    assert [peer.active for peer in one.peers] == [300, 100]


def test_what_is_in_flight_stays_even_over_a_hundred_thousand_picks():
    weights = {f"10.0.0.{index}": index % 3 + 1 for index in range(1, 13)}
    one = upstream(*(f"{name} weight={w}" for name, w in weights.items()), policy=LeastConn())
    chance, busy = random.Random(1), []
    for _ in range(100_000):
        peer = one.choose()
        peer.take_place()
        busy.append(peer)
        if len(busy) > 240:
            place = chance.randrange(len(busy))
            busy[place], busy[-1] = busy[-1], busy[place]
            busy.pop().leave_place()
    shares = [peer.active / weights[peer.name.decode()] for peer in one.peers]
    assert max(shares) - min(shares) <= 2.0  # by turns it is 6
