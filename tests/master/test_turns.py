import os

from forkproxy.master import turns
from forkproxy.net.turns import Word, bound, place
from forkproxy.shared.scoreboard import Cell, Row, Scoreboard

ROW = int(Row.FIRST_WORKER)


def board(**words):
    """Return a scoreboard with some words of a row set."""
    made = Scoreboard(4, 1024)
    for name, value in words.items():
        made.store(ROW, Cell.TURNS + Word[name], value)
    return made


def test_turns_are_shown_with_what_parts_of_them_took_less_than():
    found = board(TURN_TIME=5000, LONGEST_TURN=2000)
    found.store(ROW, Cell.TURNS + place(10), 99)
    found.store(ROW, Cell.TURNS + place(2000), 1)
    assert turns.of_row(found, ROW) == {
        "turns": 100,
        "p50": bound(place(10)),
        "p99": bound(place(10)),
        "p99.9": 2001,  # no more than the longest, whose place is wider
        "less_than": {str(bound(place(10))): 99, str(bound(place(2000))): 1},
        "time": 5000,
        "longest": 2000,
        "profile": None,
    }


def test_a_profile_is_shown_where_there_is_one():
    found = board(PROFILED_TIME=900, PROFILED_RUN=500, PROFILED_DELAY=300)
    found.store(ROW, Cell.TURNS + Word.PROFILED_TURNS + place(600), 1)
    shown = turns.of_row(found, ROW)["profile"]
    assert (shown["turns"], shown["time"], shown["run"], shown["delay"]) == (1, 900, 500, 300)
    assert shown["p50"] == bound(place(600))


def test_the_kernel_says_how_long_a_process_ran():
    run, delay = turns.spent(os.getpid())
    assert run > 0
    assert delay >= 0


def test_of_a_process_that_is_not_there_nothing_is_known():
    assert turns.spent(2**22 + 1) == (0, 0)
