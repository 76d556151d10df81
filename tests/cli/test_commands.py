"""The table of commands."""

import importlib.util
import inspect
from collections import Counter

import pytest

from forkproxy.cli.commands import COMMANDS

each = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)


@each
def test_a_command_has_a_module_that_runs_it(command):
    module = importlib.import_module(f"forkproxy.cli.{command.module}")
    assert list(inspect.signature(module.run).parameters) == ["options"]


@each
def test_the_flags_of_a_command_are_its_own(command):
    flags = Counter(flag for option in command.options for flag in option.flags)
    assert not [flag for flag, uses in flags.items() if uses > 1]


@each
def test_an_option_ends_with_its_long_flag(command):
    for option in command.options:
        assert option.flags[-1].startswith("--")


def test_no_two_commands_have_one_name():
    names = [command.name for command in COMMANDS]
    assert len(set(names)) == len(names)
