from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Cell, StandingCell
from tests.support.peers import upstream


def test_a_group_knows_the_sum_of_its_weights():
    group = upstream("10.0.0.1 weight=5", "10.0.0.2").main
    assert (group.count, group.total_weight) == (2, 6)


def test_a_weight_that_is_ordered_counts_from_the_next_pick():
    made = cells.make(1)
    one = upstream("10.0.0.1 weight=5", "10.0.0.2")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    one.attach(made)
    made.board.standing_store(made.peer("u/10.0.0.1:80"), StandingCell.STANDING_WEIGHT, 2)
    made.add(Cell.WEIGHTS_GIVEN)
    one.choose()
    assert one.main.total_weight == 3
