from forkproxy.net.turns import Word, place
from forkproxy.shared.scoreboard import Cell
from tests.support.administration import Master, call, tell


def master_with_turns():
    master = Master()
    master.worker.store(Cell.TURNS + place(700), 4)
    master.worker.store(Cell.TURNS + Word.TURN_TIME, 2800)
    master.worker.store(Cell.TURNS + Word.LONGEST_TURN, 720)
    return master


def test_turns_are_one_line_a_worker():
    head, line = tell(master_with_turns(), "turns").splitlines()
    assert head == "# id pid turns p50 p99 p99.9 longest time"
    below = 721  # the longest, and no more
    assert line == f"0 3 4 {below} {below} {below} 720 2800"


def test_turns_are_data_over_the_api():
    status, data = call(master_with_turns(), "GET", "/api/9/forkproxy/turns")
    assert status == 200
    (worker,) = data["turns"]
    assert (worker["id"], worker["pid"], worker["turns"]) == (0, 3, 4)
    assert worker["profile"] is None


def test_profiling_is_an_order_that_all_workers_see():
    master = Master()
    assert call(master, "POST", "/api/9/forkproxy/profiling/on")[0] == 200
    assert master.cells.board.value(master.cells.row, Cell.PROFILING) == 1
    assert tell(master, "profiling off") == "profiling is off"
    assert master.cells.board.value(master.cells.row, Cell.PROFILING) == 0


def test_profiling_is_on_or_off():
    assert "'on' or 'off'" in tell(Master(), "profiling perhaps")
