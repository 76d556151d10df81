import time

from forkproxy.net.turns import Word
from forkproxy.shared.scoreboard import Cell
from tests.support.child import Child
from tests.support.eventually import eventually


def held_up(life):
    """Hold the loop up whenever told to."""
    life.on("drain", lambda _message, _descriptors: life.end())
    life.on("block", lambda _message, _descriptors: time.sleep(0.15))
    life.say("ready")
    life.wait()
    return 0


def test_a_turn_that_took_too_long_is_logged_once_a_minute(tmp_path):
    with Child(held_up, tmp_path) as child:
        child.heard("ready")
        child.tell("block")
        eventually(lambda: "the loop was held up for 15" in child.log.read_text(), within=5)
        assert "waited for a processor for" in child.log.read_text()
        child.tell("block")
        beats = child.cells.board.value(child.row, Cell.BEAT)
        eventually(lambda: child.cells.board.value(child.row, Cell.BEAT) > beats + 1, within=5)
        assert child.log.read_text().count("the loop was held up") == 1


def test_turns_are_counted_in_the_childs_own_row(tmp_path):
    with Child(held_up, tmp_path) as child:
        child.heard("ready")
        child.tell("block")
        longest = Cell.TURNS + Word.LONGEST_TURN
        eventually(lambda: child.cells.board.value(child.row, longest) >= 150_000, within=5)
