"""Answers that a child makes: the master goes on meanwhile."""

import os
import selectors
import signal

import psutil
import pytest

from forkproxy.master.asides import AT_ONCE, MOST_WAITING, WITHIN, Asides
from forkproxy.master.reply import Reply
from tests.support.clock import StoppedClock
from tests.support.eventually import eventually


class Room:
    """Asides, with their answers kept."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.clock = StoppedClock()
        self.answers = {}
        self.asides = Asides(self.selector, self.answers.__setitem__, self.clock.monotonic)

    def turn(self, count):
        def answered():
            for key, _ in self.selector.select(0.05):
                key.data()
            return len(self.answers) == count

        eventually(answered)


@pytest.fixture
def room():
    before = psutil.Process().children()
    room = Room()
    yield room
    room.asides.leave()
    room.selector.close()
    for child in psutil.Process().children():
        if child not in before:
            child.kill()
            child.wait()


def test_a_child_makes_the_answer_and_its_file_is_passed_on(room):
    assert room.asides.ask(5, lambda: Reply(f"{os.getpid()}", content_type="text/plain")) is None
    room.turn(1)
    reply = room.answers[5]
    reply.file.seek(0)
    assert int(reply.file.read()) != os.getpid()
    assert (reply.status, reply.content_type) == (200, "text/plain")


def test_a_child_that_finds_a_mistake_of_ours_answers_500(room):
    room.asides.ask(5, lambda: Reply(str(1 / 0)))
    room.turn(1)
    assert room.answers[5].status == 500


def test_a_child_that_dies_is_answered_for(room):
    room.asides.ask(5, lambda: os.kill(os.getpid(), signal.SIGKILL))
    room.turn(1)
    assert room.answers[5].status == 500


def test_a_child_that_takes_too_long_is_ended(room):
    room.asides.ask(5, signal.pause)
    room.asides.sweep()
    assert room.answers == {}
    room.clock.advance(WITHIN)
    room.asides.sweep()
    assert room.answers[5].status == 504


def test_a_signal_ends_a_child_that_was_forked_with_the_masters_handlers(room):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        room.asides.ask(5, lambda: os.kill(os.getpid(), signal.SIGTERM) or signal.pause())
        room.turn(1)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    assert room.answers[5].status == 500


def test_others_wait_for_their_turn_and_too_many_are_refused(room):
    for client in range(AT_ONCE):
        room.asides.ask(client, signal.pause)
    for client in range(AT_ONCE, AT_ONCE + MOST_WAITING):
        assert room.asides.ask(client, Reply) is None
    assert room.asides.ask(99, Reply).status == 503
    room.clock.advance(WITHIN)
    room.asides.sweep()
    room.turn(AT_ONCE + MOST_WAITING)
