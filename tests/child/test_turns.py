import re
import time

from forkproxy.net.turns import Length, Word, place
from forkproxy.shared.scoreboard import Cell
from tests.support.child import Child
from tests.support.eventually import eventually

HELD_UP = 0.15  # seconds


def held_up(life):
    """Hold the loop up whenever told to."""
    life.on("drain", lambda _message, _descriptors: life.end())
    life.on("block", lambda _message, _descriptors: time.sleep(HELD_UP))
    life.say("ready")
    life.wait()
    return 0


def long_turns(child):
    """Return how many of its turns took a tenth of a second or more."""
    places = range(place(100_000), Length.PLACES)
    return sum(child.cells.board.value(child.row, Cell.TURNS + one) for one in places)


def test_a_turn_that_took_too_long_is_logged_once_a_minute(tmp_path):
    with Child(held_up, tmp_path) as child:
        child.heard("ready")
        child.tell("block")
        said = r"the loop was held up for (\d+) ms.*waited for a processor for"
        eventually(lambda: re.search(said, child.log.read_text()))
        child.tell("block")
        eventually(lambda: long_turns(child) >= 2)
        beats = child.cells.board.value(child.row, Cell.BEAT)
        eventually(lambda: child.cells.board.value(child.row, Cell.BEAT) > beats + 1)
        (milliseconds,) = re.findall(said, child.log.read_text())
        assert int(milliseconds) >= 1000 * HELD_UP


def test_turns_are_counted_in_the_childs_own_row(tmp_path):
    with Child(held_up, tmp_path) as child:
        child.heard("ready")
        child.tell("block")
        longest = Cell.TURNS + Word.LONGEST_TURN
        eventually(lambda: child.cells.board.value(child.row, longest) >= 1_000_000 * HELD_UP)
