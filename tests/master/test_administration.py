import pytest

from forkproxy.master.administration import Command


def command(*arguments):
    return Command("act", arguments, "", lambda *_: None)


@pytest.mark.parametrize(
    ("arguments", "counts"),
    [
        ((), {0}),
        (("A", "B"), {2}),
        (("A", "[B]"), {1, 2}),
        (("A", "[B...]"), {1, 2, 3, 4}),
    ],
)
def test_a_command_takes_as_many_arguments_as_it_says(arguments, counts):
    assert {count for count in range(5) if command(*arguments).takes(count)} == counts


def test_the_usage_names_the_arguments():
    assert command("A", "[B]").usage == "act A [B]"
