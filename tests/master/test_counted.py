from forkproxy.master.counted import Counted
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Cell, Row


def test_a_reset_begins_anew_and_loses_nothing():
    made = cells.make(4)
    made.board.claim(Row.FIRST_WORKER)
    worker, counted = made.of(Row.FIRST_WORKER), Counted(made)
    worker.add(Cell.REQUESTS, 5)
    counted.reset([Cell.REQUESTS])
    worker.add(Cell.REQUESTS, 2)
    assert counted.total(Cell.REQUESTS) == 2
    assert made.board.total(Cell.REQUESTS) == 7


def test_a_row_is_reset_for_itself():
    made = cells.make(4)
    for row in (Row.FIRST_WORKER, Row.FIRST_WORKER + 1):
        made.board.claim(row)
        made.of(row).add(Cell.REQUESTS, 5)
    counted = Counted(made)
    counted.reset_values(Row.FIRST_WORKER, [Cell.REQUESTS])
    assert counted.value(Row.FIRST_WORKER, Cell.REQUESTS) == 0
    assert counted.value(Row.FIRST_WORKER + 1, Cell.REQUESTS) == 5


def test_statuses_are_reset_one_by_one():
    made = cells.make(4)
    made.directory.allot((), [("server_zone", "a")])
    first = made.tally("server_zone", "a") + 10
    made.board.store(Row.MASTER, first, (200 << 48) + 3)
    counted = Counted(made)
    assert counted.statuses(first) == {200: 3}
    counted.reset_statuses(first)
    assert counted.statuses(first) == {}
    made.board.store(Row.MASTER, first + 1, (404 << 48) + 1)
    assert counted.statuses(first) == {404: 1}


def test_what_was_reset_of_a_peer_that_is_gone_is_forgotten():
    made = cells.make(2)
    made.board.claim(Row.FIRST_WORKER)
    counted = Counted(made)
    made.of(Row.FIRST_WORKER).add(64, 5)
    counted.reset([64, 128])
    counted.reset_values(Row.FIRST_WORKER, [64])
    counted.forget(64)
    assert counted.total(64) == 5
    assert counted.value(Row.FIRST_WORKER, 64) == 5
