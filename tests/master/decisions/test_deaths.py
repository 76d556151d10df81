"""What follows upon a death."""

import signal

import pytest

from forkproxy.master.decisions.situation import Stage
from forkproxy.master.events import (
    Bury,
    Exited,
    ForkFailed,
    Heavy,
    Kill,
    Order,
    Ready,
    Role,
    Silent,
    Spawn,
    Tell,
    Tick,
)
from tests.support.playbook import Playbook, of


def test_a_worker_that_dies_after_a_steady_life_is_replaced_at_once():
    book = Playbook().start()
    pid = book.pids_of(1)[0]
    (spawn,) = of(book.happen(Exited(pid, -9), after=61.0), Spawn)
    assert spawn.slot == 0
    assert book.situation.respawned == 1


def test_a_worker_that_keeps_dying_is_respawned_ever_more_slowly():
    book = Playbook().start(workers=1)
    delays = []
    for _ in range(12):
        pid = book.pids_of(1)[0]
        died = book.now
        book.happen(Exited(pid, 1))
        if not book.pids_of(1):
            book.happen(Tick(), after=book.supervisor.wake_at() - book.now)
        delays.append(round(book.now - died, 3))
        book.ready(1)
    assert delays[:8] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4]
    assert delays[-2:] == [30.0, 30.0]


def test_deaths_are_counted_for_each_slot():
    book = Playbook().start(workers=2)
    for _ in range(2):
        second = next(
            pid for pid in book.pids_of(1) if book.situation.children[pid].spawn.slot == 1
        )
        book.happen(Exited(second, 1))
        book.happen(Tick(), after=1.0)
        book.ready(1)
    (first, *_) = (pid for pid in book.pids_of(1) if book.situation.children[pid].spawn.slot == 0)
    assert of(book.happen(Exited(first, 1)), Spawn)


def test_the_dead_are_buried_before_they_are_replaced():
    book = Playbook().start()
    pid = book.pids_of(1)[0]
    row = book.situation.children[pid].spawn.row
    actions = book.happen(Exited(pid, -11))
    kinds = [type(action) for action in actions]
    assert kinds.index(Bury) < kinds.index(Spawn)
    assert Bury(pid, row) in actions


def test_a_dead_keeper_is_replaced_too():
    book = Playbook().start()
    (spawn,) = of(book.happen(Exited(book.keeper, 1)), Spawn)
    assert (spawn.role, spawn.row) == (Role.KEEPER, 1)


def test_a_stranger_that_exits_is_nobodys_business():
    book = Playbook().start()
    assert book.happen(Exited(4711, 0)) == []


def test_a_silent_worker_is_aborted_for_its_stack_then_killed_then_replaced():
    book = Playbook().start(workers=1)
    (pid,) = book.pids_of(1)
    assert Kill(pid, signal.SIGABRT) in book.happen(Silent(pid))
    assert book.situation.children[pid].stage is Stage.LOST
    assert book.happen(Silent(pid)) == []
    assert Kill(pid, signal.SIGKILL) in book.happen(Tick(), after=5.0)
    assert of(book.happen(Exited(pid, -9)), Spawn)


def test_a_fork_that_fails_later_is_tried_again():
    book = Playbook().start(workers=1)
    book.auto = False
    (spawn,) = of(book.happen(Exited(book.pids_of(1)[0], -9)), Spawn)
    book.happen(ForkFailed(spawn, "fork() failed"))
    assert [s.slot for s in of(book.happen(Tick(), after=0.1), Spawn)] == [0]


def test_a_worker_that_is_too_heavy_serves_until_its_replacement_is_ready():
    book = Playbook().start(workers=1)
    (old,) = book.pids_of(1)
    (spawn,) = of(book.happen(Heavy(old, "900 MiB")), Spawn)
    assert (spawn.slot, spawn.replaces) == (0, old)
    assert of(book.happen(Heavy(old, "901 MiB")), Spawn) == []
    (new,) = (pid for pid in book.pids_of(1) if pid != old)
    assert book.happen(Ready(new)) == [Tell(old, Order.DRAIN)]
    assert of(book.happen(Exited(old, 0)), Spawn) == []
    assert book.pids_of(1) == [new]


@pytest.mark.parametrize("first", ["old", "new"])
def test_of_a_heavy_worker_and_its_replacement_one_may_die(first):
    book = Playbook().start(workers=1)
    (old,) = book.pids_of(1)
    book.happen(Heavy(old, "900 MiB"))
    (new,) = (pid for pid in book.pids_of(1) if pid != old)
    book.happen(Exited({"old": old, "new": new}[first], -9))
    assert book.pids_of(1) == [{"old": new, "new": old}[first]]
