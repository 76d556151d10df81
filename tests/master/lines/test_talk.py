import pytest

from forkproxy.master.commands import Level
from forkproxy.master.lines import info
from forkproxy.master.lines.talk import LONGEST_LINE, LineTongue
from forkproxy.master.reply import Reply
from tests.support.administration import Master


def converse(octets, *, ended=True, by=None):
    """Return all that is answered to octets; they come at once, or `by` so many."""
    tongue = LineTongue(Master(), 7, Level.ADMIN)
    asked, answers = bytearray(), b""
    pieces = [octets] if by is None else [octets[i : i + by] for i in range(0, len(octets), by)]
    for number, piece in enumerate(pieces, 1):
        asked += piece
        last = ended and number == len(pieces)
        while not tongue.over and (question := tongue.next(asked, ended=last)) is not None:
            answers += tongue.say(question())
    return answers


VERSION = f"{info.VERSION}\n\n".encode()


@pytest.mark.parametrize("by", [None, 1])
def test_commands_of_a_line_are_answered_one_after_another(by):
    assert converse(b"show version; show version\n", by=by) == VERSION * 2


def test_a_line_needs_no_end_where_the_client_ends():
    assert converse(b"show version") == VERSION
    assert converse(b"show version", ended=False) == b""


def test_after_one_line_the_connection_is_over():
    assert converse(b"show version\nshow version\n") == VERSION


@pytest.mark.parametrize("by", [None, 1])
def test_prompt_makes_it_a_conversation(by):
    lines = b"prompt\nshow version\nquit\nshow version\n"
    assert converse(lines, by=by) == b"\n> " + VERSION + b"> "


def test_an_empty_line_is_an_empty_answer():
    assert converse(b"\n") == b"\n"
    assert converse(b";;\n") == b"\n"


def test_a_line_that_is_too_long_is_refused_and_nothing_of_it_happens():
    line = b"show version;" * (2 * LONGEST_LINE // 13) + b"\n"
    assert converse(line).startswith(b"The line is too long")
    assert converse(line[: LONGEST_LINE + 1], ended=False).startswith(b"The line is too long")


def test_what_is_no_text_is_no_command():
    assert converse(b"\0\xff\n").startswith(b"Unknown command")


def test_a_connection_may_idle_as_long_as_it_says():
    tongue = LineTongue(Master(), 7, Level.ADMIN)
    tongue.next(bytearray(b"set timeout cli 2h\n"), ended=False)()
    assert tongue.patience == 7200.0


def test_empty_lines_in_an_answer_do_not_end_it():
    tongue = LineTongue(Master(), 7, Level.ADMIN)
    assert tongue.say(Reply("one\n\ntwo\n")) == b"one\ntwo\n\n"
    assert tongue.say(Reply("Server deleted.")) == b"Server deleted.\n"
