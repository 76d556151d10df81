"""Generations on their way up, the first one too."""

import signal

from forkproxy.master.decisions.situation import Stage, State
from forkproxy.master.events import (
    Answer,
    Asked,
    Command,
    Commit,
    Exit,
    Exited,
    Failed,
    Forked,
    ForkFailed,
    Kill,
    Load,
    Loaded,
    LoadFailed,
    Log,
    Notice,
    Notify,
    Order,
    Ready,
    Retire,
    Role,
    Spawn,
    Tell,
    Tick,
)
from tests.support.playbook import Playbook, of


def test_the_first_worker_is_forked_alone_and_the_others_when_it_is_ready():
    book = Playbook()
    book.auto = False
    (spawn,) = of(book.happen(Loaded(1, 3)), Spawn)
    assert (spawn.role, spawn.slot, spawn.generation) == (Role.WORKER, 0, 1)
    book.happen(Forked(10, spawn))
    more = of(book.happen(Ready(10)), Spawn)
    assert [other.slot for other in more] == [1, 2]
    assert len({spawn.row, *(other.row for other in more)}) == 3


def test_it_runs_when_all_workers_are_ready_and_says_so():
    book = Playbook()
    book.happen(Loaded(1, 2))
    assert book.situation.state is State.STARTING
    book.ready(1)
    assert book.situation.state is State.RUNNING
    assert Commit(1) in book.actions
    assert Notify(Notice.READY) in book.actions
    assert book.situation.children[book.keeper].spawn.row == 1


def test_a_worker_that_dies_before_it_is_ready_ends_the_start_with_3_and_its_reason():
    book = Playbook()
    book.happen(Loaded(1, 2))
    (pid,) = book.pids_of(1)
    book.happen(Failed(pid, "no such luck"))
    actions = book.happen(Exited(pid, 1))
    assert Exit(3) in actions
    assert any("no such luck" in log.text for log in of(actions, Log))


def test_workers_that_are_not_ready_in_time_end_the_start():
    book = Playbook()
    book.happen(Loaded(1, 1))
    (pid,) = book.pids_of(1)
    assert book.supervisor.wake_at() == 110.0
    assert Kill(pid, signal.SIGTERM) in book.happen(Tick(), after=10.0)
    assert Exit(3) in book.happen(Exited(pid, 0))


def test_a_fork_that_fails_ends_the_start():
    book = Playbook()
    book.auto = False
    (spawn,) = of(book.happen(Loaded(1, 1)), Spawn)
    assert Exit(3) in book.happen(ForkFailed(spawn, "fork() failed"))


def test_a_reload_brings_the_new_one_up_before_the_old_one_drains():
    book = Playbook().start()
    old = book.pids_of(1)
    book.happen(Asked(Command.RELOAD, 7))
    actions = book.happen(Loaded(2, 2, text="as told"))
    assert of(actions, Tell) == []
    book.ready(2)
    assert book.situation.generation == 2
    drained = [tell.pid for tell in of(book.actions, Tell) if tell.order is Order.DRAIN]
    assert set(old) < set(drained)
    order = [type(a) for a in book.actions]
    assert order.index(Tell) < len(order) - order[::-1].index(Commit) - 1
    assert Answer(7, "as told") in book.actions
    assert book.situation.last_reload == "as told"


def test_the_new_keeper_comes_when_the_old_one_is_gone():
    book = Playbook().start()
    old = book.keeper
    book.reload()
    assert book.pids_of(role=Role.KEEPER) == [old]
    (spawn,) = of(book.happen(Exited(old, 0)), Spawn)
    assert (spawn.role, spawn.generation) == (Role.KEEPER, 2)


def test_a_configuration_that_cannot_be_loaded_changes_nothing():
    book = Playbook().start()
    before = set(book.situation.children)
    book.happen(Asked(Command.RELOAD, 7))
    actions = book.happen(LoadFailed("unknown directive"))
    assert Answer(7, "unknown directive", done=False) in actions
    assert book.situation.state is State.RUNNING
    assert book.situation.generation == 1
    assert set(book.situation.children) == before
    assert of(actions, Tell) == of(actions, Kill) == []


def test_a_new_worker_that_dies_leaves_the_old_generation_serving():
    book = Playbook().start()
    old = book.pids_of(1)
    book.happen(Asked(Command.RELOAD, 7))
    book.happen(Loaded(2, 2))
    (pid,) = book.pids_of(2)
    actions = book.happen(Exited(pid, 1))
    assert of(actions, Answer) == [Answer(7, "a new worker exited with code 1", done=False)]
    assert Retire(2) in actions
    assert book.pids_of(1, stage=Stage.READY) == old
    assert of(actions, Spawn) == []


def test_new_workers_that_take_too_long_are_ended():
    book = Playbook().start()
    book.happen(Asked(Command.RELOAD))
    book.happen(Loaded(2, 2))
    (pid,) = book.pids_of(2)
    actions = book.happen(Tick(), after=10.0)
    assert Kill(pid, signal.SIGTERM) in actions
    assert book.situation.state is State.RUNNING
    assert Kill(pid, signal.SIGKILL) in book.happen(Tick(), after=5.0)
    assert Retire(2) in book.happen(Exited(pid, -9))


def test_reloads_during_a_reload_are_done_once_more():
    book = Playbook().start()
    book.happen(Asked(Command.RELOAD, 1))
    assert book.happen(Asked(Command.RELOAD, 2)) == []
    assert book.happen(Asked(Command.RELOAD, 3)) == []
    book.happen(Loaded(2, 1, text="second"))
    before = len(book.actions)
    book.ready(2)
    assert Load(3) in book.actions[before:]
    book.happen(Loaded(3, 1, text="third"))
    book.ready(3)
    answers = of(book.actions, Answer)
    assert answers == [Answer(1, "second"), Answer(2, "third"), Answer(3, "third")]


def test_a_generation_is_retired_when_the_last_of_it_is_gone():
    book = Playbook().start()
    first, second = book.pids_of(1)
    keeper = book.keeper
    book.reload()
    assert Retire(1) not in book.happen(Exited(first, 0))
    assert Retire(1) not in book.happen(Exited(second, 0))
    assert Retire(1) in book.happen(Exited(keeper, 0))


def test_the_reload_of_an_idle_master_brings_the_workers_back():
    book = Playbook().start()
    book.happen(Asked(Command.IDLE))
    for pid in book.pids_of(1):
        assert of(book.happen(Exited(pid, 0)), Spawn) == []
    book.reload(workers=2)
    assert len(book.pids_of(2, stage=Stage.READY)) == 2


def test_a_rollback_loads_what_a_generation_had_and_the_last_wish_counts():
    book = Playbook()
    book.happen(Loaded(1, 1))
    book.ready(1)
    assert Load(2, 1) in book.happen(Asked(Command.ROLLBACK, 5, like=1))
    book.happen(Asked(Command.ROLLBACK, 6, like=1))
    book.happen(Asked(Command.RELOAD, 7))
    assert Load(3, 0) in book.happen(LoadFailed("gone"))
