import math

from forkproxy.master.acknowledgements import PATIENCE, Acknowledgements
from forkproxy.master.reply import Reply
from tests.support.clock import StoppedClock

DONE = Reply("done")


class Desk:
    def __init__(self):
        self.clock = StoppedClock()
        self.answers = []
        self.behind = [3, 5]
        self.acknowledgements = Acknowledgements(
            lambda client, reply: self.answers.append((client, reply)), self.clock.monotonic
        )

    def wait(self):
        return self.acknowledgements.wait(7, DONE, lambda: list(self.behind))


def test_where_nobody_is_behind_the_answer_is_there_at_once():
    desk = Desk()
    desk.behind = []
    assert desk.wait() is DONE
    assert desk.acknowledgements.wake_at() == math.inf


def test_the_answer_comes_when_the_last_worker_has_the_change():
    desk = Desk()
    assert desk.wait() is None
    desk.acknowledgements.look()
    desk.behind = [5]
    desk.acknowledgements.look()
    assert desk.answers == []
    assert desk.acknowledgements.wake_at() < math.inf
    desk.behind = []
    desk.acknowledgements.look()
    assert desk.answers == [(7, DONE)]


def test_who_is_behind_after_two_seconds_is_named():
    desk = Desk()
    desk.wait()
    desk.clock.advance(PATIENCE)
    desk.acknowledgements.look()
    ((client, reply),) = desk.answers
    assert client == 7
    assert (reply.status, reply.code) == (504, "WorkersBehind")
    assert reply.text.endswith("by workers 3, 5")
