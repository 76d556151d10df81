import pytest

from forkproxy.master import commands
from forkproxy.master.events import Command
from tests.support.administration import Master


def run(*words, master=None):
    return commands.run(master or Master(), words, 7)


def test_status_is_one_name_and_value_a_line():
    reply = run("status")
    assert reply.text == "pid: 1\ntotals.requests: 2\nworkers: slot=0 pid=3"
    assert reply.data["totals"] == {"requests": 2}


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("reload", Command.RELOAD),
        ("quit", Command.QUIT),
        ("stop", Command.STOP),
        ("reopen", Command.REOPEN),
        ("upgrade", Command.UPGRADE),
        ("dump", "dump"),
    ],
)
def test_what_takes_its_time_is_asked_for_and_answered_later(word, command):
    master = Master()
    assert run(word, master=master) is None
    assert master.asked == [(command, 7)]


@pytest.mark.parametrize(
    "words", [("drain", "a"), ("weight", "a", "b"), ("status", "now"), ("ready", "a", "b", "c")]
)
def test_a_wrong_number_of_arguments_is_refused_with_the_usage(words):
    reply = run(*words)
    assert reply.status == 400
    assert f"'{words[0]}' expects: {words[0]}" in reply.text
