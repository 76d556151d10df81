import pytest

from forkproxy.master.commands import Level
from forkproxy.master.lines.table import VERBS, find
from tests.support.administration import Master, tell


def test_help_lists_what_there_is():
    text = tell(Master(), "help")
    assert text.startswith("The following commands are valid at this level:\n")
    assert all(f"  {verb.words}" in text for verb in VERBS)


def test_help_lists_what_begins_so():
    lines = tell(Master(), "help show").splitlines()[1:]
    assert len(lines) > 1
    assert all(line.startswith("  show ") for line in lines)


def test_who_may_only_look_is_offered_nothing_else():
    assert "reload" not in tell(Master(), "help", Level.USER)
    assert tell(Master(), "reload", Level.OPERATOR) == "Permission denied"


def test_what_is_unknown_is_answered_with_what_comes_near():
    text = tell(Master(), "shw stat")
    assert text.startswith(
        "Unknown command, but maybe one of the following ones is a better match:"
    )
    assert "  show stat" in text


@pytest.mark.parametrize("words", ["showx stat", "show", "xshow stat"])
def test_a_part_of_a_word_is_not_the_word(words):
    assert find(words.split()) is None


def test_a_command_of_ours_is_a_line_too():
    master = Master()
    assert tell(master, "reload") is None
    assert tell(master, "workers") == "slot=0 pid=3"
    assert len(master.asked) == 1
