from forkproxy.master.commands import Level
from forkproxy.net.turns import Word, bound, place
from forkproxy.shared.scoreboard import Cell
from tests.support.administration import Master, tell


def test_activity_is_a_sum_and_one_value_a_worker():
    master = Master()
    master.worker.store(Cell.TURNS + place(700), 4)
    master.worker.store(Cell.TURNS + Word.TURN_TIME, 2800)
    master.worker.store(Cell.TURNS + Word.LONGEST_TURN, 720)
    master.worker.store(Cell.ACCEPTED, 9)
    found = dict(line.split(": ", 1) for line in tell(master, "show activity").splitlines())
    below = 721  # the longest, and no more
    assert found["loops"] == "4 [ 4 ]"
    assert found["avg_loop_us"] == "700 [ 700 ]"
    assert found["p999_loop_us"] == f"{below} [ {below} ]"
    assert found["max_loop_us"] == "720 [ 720 ]"
    assert found["accepted"] == "9 [ 9 ]"
    assert found["cpust_ms_tot"].endswith("]")


def test_without_turns_the_mean_is_0():
    assert "avg_loop_us: 0 [ 0 ]" in tell(Master(), "show activity")


def test_profiling_is_switched_in_haproxys_words():
    master = Master()
    assert tell(master, "set profiling tasks on") == "profiling is on"
    assert master.cells.board.value(master.cells.row, Cell.PROFILING) == 1
    first = tell(master, "show profiling").splitlines()[0]
    assert " ".join(first.split()) == ("Per-task CPU profiling : on # set profiling tasks {on|off}")


def test_a_profile_tells_running_from_waiting_for_a_processor_and_for_else():
    master = Master()
    for name, value in (("TIME", 900), ("RUN", 500), ("DELAY", 300)):
        master.worker.store(Cell.TURNS + Word[f"PROFILED_{name}"], value)
    master.worker.store(Cell.TURNS + Word.PROFILED_TURNS + place(600), 1)
    below = bound(place(600))
    last = tell(master, "show profiling").splitlines()[-1]
    assert last == f"0 1 900 500 300 100 {below} {below}"


def test_what_else_is_said_is_refused():
    assert "expects" in tell(Master(), "set profiling memory on")
    assert tell(Master(), "set profiling tasks on", Level.USER) == "Permission denied"
