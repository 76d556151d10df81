import pytest

from forkproxy.keeper import totals
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Cell, Row
from forkproxy.shared.store import open_state

WORKER = int(Row.FIRST_WORKER)


@pytest.fixture
def state(tmp_path):
    state = open_state(tmp_path)
    yield state
    state.close()


def master():
    """Return the cells of a new master's keeper, with one worker."""
    made = cells.make(4)
    made.board.claim(WORKER)
    return made.of(Row.KEEPER)


def kept(made):
    return made.board.value(Row.KEEPER, Cell.KEPT_REQUESTS)


def test_a_first_run_has_nothing_kept(state):
    made = master()
    totals.load(state, made)
    assert kept(made) == 0


def test_the_next_run_sees_what_this_one_has_counted(state):
    made = master()
    totals.load(state, made)
    made.board.add(WORKER, Cell.REQUESTS, 5)
    totals.save(state, made)
    made.board.add(WORKER, Cell.REQUESTS, 2)
    totals.save(state, made)
    totals.save(state, made)
    other = master()
    totals.load(state, other)
    assert kept(other) == 7


def test_a_second_keeper_of_the_same_master_counts_nothing_twice(state):
    made = master()
    totals.load(state, made)
    made.board.add(WORKER, Cell.REQUESTS, 5)
    totals.save(state, made)
    totals.load(state, made)
    totals.save(state, made)
    assert kept(made) == 0
    assert state.get(b"total/requests") == b"5"


def test_two_masters_at_once_count_together(state):
    one, other = master(), master()
    totals.load(state, one)
    totals.load(state, other)
    for made in (one, other):
        made.board.add(WORKER, Cell.REQUESTS, 3)
        totals.save(state, made)
    assert state.get(b"total/requests") == b"6"


def test_nothing_new_is_nothing_written(state):
    totals.save(state, master())
    assert state.items(b"") == []
