import pytest

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import StandingCell
from forkproxy.upstream.balance.least_time import LeastTime
from tests.support.peers import chosen, upstream

TIMES = {
    "header": StandingCell.STANDING_HEADER_TIME,
    "last_byte": StandingCell.STANDING_RESPONSE_TIME,
}


def measured(metric, *times):
    """Return an upstream whose peers have these average times, in ms."""
    made = cells.make(1)
    one = upstream(
        *(f"10.0.0.{index + 1} fail_timeout=1d" for index in range(len(times))),
        policy=LeastTime(metric),
    )
    made.directory.allot(f"u/10.0.0.{index + 1}:80" for index in range(len(times)))
    one.attach(made)
    for index, time in enumerate(times):
        made.board.standing_store(made.peer(f"u/10.0.0.{index + 1}:80"), TIMES[metric], time)
    return one


@pytest.mark.parametrize("metric", TIMES)
def test_the_faster_peer_is_taken(metric):
    assert set(chosen(measured(metric, 200, 30), 5)) == {"10.0.0.2"}


def test_peers_of_about_the_same_time_take_turns():
    assert sorted(chosen(measured("header", 3, 19), 4)) == ["10.0.0.1"] * 2 + ["10.0.0.2"] * 2


def test_what_is_in_flight_makes_a_fast_peer_slow():
    one = measured("header", 200, 30)
    for _ in range(12):
        one.peers[1].take_place()
    assert one.choose().name == b"10.0.0.1"


def test_peers_beyond_five_seconds_are_equally_bad():
    assert len(set(chosen(measured("last_byte", 6000, 60000), 2))) == 2
