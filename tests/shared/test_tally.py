import pytest

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import LimitReqCell, Row, Width
from forkproxy.shared.tally import Tally, statuses


@pytest.fixture
def board():
    made = cells.make(4)
    made.directory.allot((), [("limit_req", "login"), ("cache", "login")])
    for row in (Row.FIRST_WORKER, Row.FIRST_WORKER + 1):
        made.board.claim(row)
    return made


def test_a_tally_counts_in_the_row_it_is_attached_to(board):
    tally = Tally("limit_req", "login")
    tally.count(LimitReqCell.LIMIT_REQ_PASSED, 5)  # nobody sees that
    tally.attach(board.of(Row.FIRST_WORKER))
    tally.count(LimitReqCell.LIMIT_REQ_PASSED)
    tally.count(LimitReqCell.LIMIT_REQ_DELAYED, 3)
    first = board.tally("limit_req", "login")
    assert board.board.total(first + LimitReqCell.LIMIT_REQ_PASSED) == 1
    assert board.board.total(first + LimitReqCell.LIMIT_REQ_DELAYED) == 3
    assert board.board.total(board.tally("cache", "login")) == 0


def test_a_cell_that_is_not_a_tallys_is_refused():
    with pytest.raises(IndexError):
        Tally("cache", "a").count(Width.TALLY_CELLS)


def test_statuses_of_all_rows_are_added_up(board):
    first = board.tally("cache", "login")
    for row, cell in ((2, (200 << 48) + 4), (3, (200 << 48) + 1)):
        board.board.store(row, first, cell)
    board.board.store(3, first + 1, (404 << 48) + 2)
    assert statuses(board.board, first) == {200: 5, 404: 2}
