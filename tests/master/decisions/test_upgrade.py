"""A new master beside this one."""

import signal

import pytest

from forkproxy.master.decisions.situation import Stage, State
from forkproxy.master.events import (
    Answer,
    Asked,
    CloseListeners,
    Command,
    Exited,
    HandedOver,
    HandOver,
    HandOverFailed,
    Kill,
    Spawn,
    TakeBack,
    TakenOver,
    Tell,
    Tick,
)
from tests.support.playbook import Playbook, of


def test_the_old_master_drains_when_the_new_one_serves():
    book = Playbook().start()
    assert HandOver() in book.happen(Asked(Command.UPGRADE, 9))
    book.happen(HandedOver(77))
    actions = book.happen(TakenOver())
    assert Answer(9, "the new master 77 serves") in actions
    assert len(of(actions, Tell)) == 2
    assert of(actions, CloseListeners) == []
    assert book.situation.state is State.STOPPING


FAILURES = [HandOverFailed("no such file"), Exited(77, 1), Tick()]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda event: type(event).__name__)
def test_a_new_master_that_fails_leaves_this_one_running(failure):
    book = Playbook().start()
    book.happen(Asked(Command.UPGRADE, 9))
    book.happen(HandedOver(77))
    actions = book.happen(failure, after=61.0)
    assert TakeBack() in actions
    assert not of(actions, Answer)[0].done
    assert book.situation.state is State.RUNNING
    assert len(book.pids_of(1, stage=Stage.READY)) == 2


def test_a_new_master_that_is_late_is_killed():
    book = Playbook().start()
    book.happen(Asked(Command.UPGRADE))
    book.happen(HandedOver(77))
    assert book.supervisor.wake_at() == book.now + 60.0
    assert Kill(77, signal.SIGKILL) in book.happen(Tick(), after=60.0)
    assert book.happen(Exited(77, -9)) == []


def test_stopping_during_an_upgrade_ends_the_new_master():
    book = Playbook().start()
    book.happen(Asked(Command.UPGRADE))
    book.happen(HandedOver(77))
    assert Kill(77, signal.SIGTERM) in book.happen(Asked(Command.STOP))


def test_workers_that_die_during_an_upgrade_are_replaced():
    book = Playbook().start()
    book.happen(Asked(Command.UPGRADE))
    book.happen(HandedOver(77))
    assert of(book.happen(Exited(book.pids_of(1)[0], -9)), Spawn)
