import pytest

from loadtest.http2_client import OK, UNPROCESSED
from loadtest.strict_http2 import IDLE_CLOSED, Report, parse, use

NEVER = float("inf")


class Scripted:
    """A client whose proxy answers so many streams at each step, or ends the connection so.

    The proxy says that it leaves with the step of that number.
    """

    def __init__(self, *steps, leaves=0):
        self.steps = list(steps)
        self.leaves = leaves
        self.waiting = 0
        self.asked = []
        self.leaving = False

    def ask(self, count):
        self.asked.append(count)
        self.waiting += count

    def outcomes(self):
        step = self.steps.pop(0)
        self.leaves -= 1
        self.leaving = self.leaves == 0 or self.leaving
        if isinstance(step, type):
            raise step
        self.waiting -= step
        return [OK] * step

    def left(self):
        lost, self.waiting = self.waiting, 0
        return ["lost"] * lost


def test_as_many_as_ended_are_asked_again():
    client = Scripted(1, 2, 3, leaves=3)
    assert use(client, NEVER, 3, 0) == [OK] * 6
    assert client.asked == [3, 1, 2]


def test_a_client_that_pauses_asks_when_all_are_answered():
    client = Scripted(1, 2, 3, leaves=3)
    assert use(client, NEVER, 3, 1e-6) == [OK] * 6
    assert [count for count in client.asked if count] == [3, 3]


def test_nothing_is_asked_of_a_proxy_that_leaves_and_all_is_read():
    client = Scripted(1, 1, 1, leaves=1)
    assert use(client, NEVER, 3, 0) == [OK] * 3
    assert client.asked == [3]


def test_a_connection_that_ends_with_nothing_under_way_is_no_failure():
    client = Scripted(0, EOFError, leaves=9)
    assert use(client, NEVER, 0, 0) == [IDLE_CLOSED]


@pytest.mark.parametrize("end", [EOFError, ConnectionResetError, BrokenPipeError])
def test_what_was_under_way_is_lost_with_the_connection(end):
    assert use(Scripted(1, end), NEVER, 2, 0) == [OK, "lost", "lost"]


def test_an_answer_that_does_not_come_in_time_has_a_name():
    assert use(Scripted(TimeoutError), NEVER, 2, 0) == ["no answer in time"] * 2


def test_failures_are_all_but_answers_refusals_and_idle_closes():
    report = Report({OK: 9, UNPROCESSED: 3, IDLE_CLOSED: 2, "reset with error 2": 1})
    assert report.failures() == {"reset with error 2": 1}


def test_what_the_program_prints_is_parsed():
    assert parse('{"outcomes": {"ok": 1}, "connections": 2}\n') == Report({"ok": 1}, 2)


@pytest.mark.parametrize("text", ["", "Traceback\nboom", '{"connection": 1}'])
def test_anything_else_is_no_report(text):
    with pytest.raises(ValueError, match="the HTTP/2 client failed"):
        parse(text)
