import pytest

from forkproxy.master.lines.words import split


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("show stat", [["show", "stat"]]),
        ("  show\tstat  ", [["show", "stat"]]),
        ("help; show info ;; prompt;", [["help"], ["show", "info"], ["prompt"]]),
        (r"add map z a\ b c\;d", [["add", "map", "z", "a b", "c;d"]]),
        (r"get map z \\", [["get", "map", "z", "\\"]]),
        ("", []),
        (" ; ;", []),
    ],
)
def test_a_line_is_commands_and_these_are_words(text, commands):
    assert split(text) == commands
