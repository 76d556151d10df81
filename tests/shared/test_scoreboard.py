import os

import pytest

from forkproxy.shared.scoreboard import Cell, PeerCell, Row, Scoreboard, StandingCell

COLUMNS = int(Cell.FIXED_CELLS)


def test_cells_begin_at_zero_and_count():
    board = Scoreboard(4, COLUMNS)
    board.add(2, Cell.REQUESTS)
    board.add(2, Cell.REQUESTS, 4)
    board.add(2, Cell.REQUESTS, -2)
    assert board.value(2, Cell.REQUESTS) == 3
    assert board.value(3, Cell.REQUESTS) == 0


def test_a_row_is_a_view_of_the_cells():
    board = Scoreboard(4, COLUMNS)
    row = board.row(2)
    row[Cell.ACTIVE] = 9
    assert board.value(2, Cell.ACTIVE) == 9
    assert len(row) == board.columns >= COLUMNS


def test_a_total_adds_the_rows_that_were_claimed():
    board = Scoreboard(6, COLUMNS)
    board.add(3, Cell.REQUESTS, 3)
    assert board.total(Cell.REQUESTS) == 0
    board.claim(4)
    board.add(4, Cell.REQUESTS, 4)
    assert board.total(Cell.REQUESTS) == 7


def test_columns_side_by_side_are_added_up_at_once():
    board = Scoreboard(4, Cell.FIXED_CELLS)
    board.claim(3)
    board.add(2, 240, 1)
    board.add(3, 241, 2)
    board.add(2, 242, 3)
    board.add(3, 242, 4)
    assert board.totals(240, 3) == [1, 2, 7]
    with pytest.raises(IndexError):
        board.totals(board.columns - 1, 2)


def test_a_child_and_its_parent_see_the_same():
    board = Scoreboard(4, COLUMNS)
    board.claim(2)
    pid = os.fork()  # noqa: TID251
    if pid == 0:
        board.add(2, Cell.REQUESTS, 5)
        os._exit(0)
    os.waitpid(pid, 0)
    assert board.total(Cell.REQUESTS) == 5


@pytest.mark.parametrize(("row", "column"), [(4, 0), (-1, 0), (0, 1 << 20), (0, -1)])
def test_a_cell_that_is_not_there_is_refused(row, column):
    board = Scoreboard(4, COLUMNS)
    with pytest.raises(IndexError):
        board.value(row, column)
    with pytest.raises(IndexError):
        board.store(row, column, 1)
    with pytest.raises(IndexError):
        board.add(row, column)


@pytest.mark.parametrize(("rows", "columns"), [(1, COLUMNS), (4, 3)])
def test_a_table_that_is_too_small_is_refused(rows, columns):
    with pytest.raises(ValueError):
        Scoreboard(rows, columns)


def test_large_tables_cost_nothing_until_they_are_used():
    before = resident()
    boards = [Scoreboard(514, 65536) for _ in range(4)]
    assert resident() - before < 1024 * 1024
    del boards


def resident():
    with open("/proc/self/statm") as words:
        return int(words.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_the_fixed_columns_leave_room_for_more():
    assert max(cell for cell in Cell if cell is not Cell.FIXED_CELLS) < Cell.FIXED_CELLS
    assert max(cell for cell in PeerCell if cell is not PeerCell.PEER_CELLS) < PeerCell.PEER_CELLS
    assert Row.FIRST_WORKER == 2


def test_what_all_change_adds_up_atomically():
    board = Scoreboard(4, COLUMNS)
    children = []
    for _ in range(3):
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            for _ in range(50_000):
                board.standing_add(COLUMNS, StandingCell.STANDING_IN_FLIGHT, 1)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    assert board.standing_value(COLUMNS, StandingCell.STANDING_IN_FLIGHT) == 150_000
    assert board.standing_add(COLUMNS, StandingCell.STANDING_IN_FLIGHT, -150_000) == 0


def test_what_there_was_of_a_peer_is_wiped_and_of_no_other():
    board = Scoreboard(4, COLUMNS + 4 * PeerCell.PEER_CELLS)
    first = int(Cell.FIXED_CELLS)
    for peer in range(3):
        at = first + peer * PeerCell.PEER_CELLS
        board.standing_store(at, StandingCell.STANDING_WEIGHT, 5)
        for row in range(4):
            board.store(row, at, 7)
            board.store(row, at + PeerCell.PEER_CELLS - 1, 7)
    board.claim(3)
    board.wipe(first + PeerCell.PEER_CELLS)
    at = [first + peer * PeerCell.PEER_CELLS for peer in range(3)]
    weights = [board.standing_value(one, StandingCell.STANDING_WEIGHT) for one in at]
    assert weights == [5, 0, 5]
    assert [board.total(one) for one in at] == [28, 0, 28]
    last = PeerCell.PEER_CELLS - 1
    assert [board.total(one + last) for one in at] == [28, 0, 28]


def test_what_choices_look_at_lies_peer_beside_peer_and_in_no_row():
    board = Scoreboard(4, COLUMNS + 4 * PeerCell.PEER_CELLS)
    for peer in range(4):
        first = Cell.FIXED_CELLS + peer * PeerCell.PEER_CELLS
        board.standing_store(first, StandingCell.STANDING_WEIGHT, peer + 1)
    found = [
        board.standing_value(COLUMNS + peer * PeerCell.PEER_CELLS, StandingCell.STANDING_WEIGHT)
        for peer in range(4)
    ]
    assert found == [1, 2, 3, 4]
    assert not any(board.total(column) for column in range(board.columns))
