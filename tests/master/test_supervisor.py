"""Each rule of the master, as events and the actions they bring."""

import signal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.master import events
from forkproxy.master.events import (
    Answer,
    Asked,
    Bury,
    CloseListeners,
    Command,
    Commit,
    Exit,
    Exited,
    Failed,
    Forked,
    ForkFailed,
    HandedOver,
    HandOver,
    HandOverFailed,
    Heavy,
    Kill,
    Load,
    Loaded,
    LoadFailed,
    Log,
    Notice,
    Notify,
    Order,
    Ready,
    Reopen,
    Resized,
    Retire,
    Role,
    Silent,
    Spawn,
    TakeBack,
    TakenOver,
    Tell,
    Tick,
)
from forkproxy.master.supervisor import Stage, State, Supervisor


class Playbook:
    """A supervisor whose forks succeed at once, and whose clock a test moves."""

    def __init__(self, rows=66):
        self.supervisor = Supervisor(2, rows, 1)
        self.now = 100.0
        self.pids = count(1000)
        self.auto = True  # forks are answered at once
        self.actions = []

    def happen(self, event, after=0.0):
        """Let an event happen; return the actions, those of answered forks included."""
        self.now += after
        found = self.supervisor.handle(event, self.now)
        for spawn in [action for action in found if isinstance(action, Spawn)]:
            if self.auto:
                found = found + self.happen(Forked(next(self.pids), spawn))
        self.actions += found
        return found

    def start(self, workers=2, **loaded):
        """Bring the first generation up, its keeper too."""
        self.happen(Loaded(1, workers, **loaded))
        self.ready(1)
        return self

    def ready(self, generation):
        """Let everybody of a generation be ready, also those who come meanwhile."""
        while True:
            starting = [
                pid
                for pid, child in self.supervisor.children.items()
                if child.spawn.generation == generation and child.stage is Stage.STARTING
            ]
            if not starting:
                return
            self.happen(Ready(starting[0]))

    def reload(self, workers=2, client=0):
        """Reload successfully."""
        (load,) = self.of(self.happen(Asked(Command.RELOAD, client)), Load)
        self.happen(Loaded(load.number, workers, text="as told"))
        self.ready(load.number)

    def pids_of(self, generation=None, role=Role.WORKER, stage=None):
        return [
            pid
            for pid, child in self.supervisor.children.items()
            if child.spawn.role is role
            and generation in (None, child.spawn.generation)
            and stage in (None, child.stage)
        ]

    @property
    def keeper(self):
        return self.pids_of(role=Role.KEEPER)[-1]

    @staticmethod
    def of(actions, kind):
        return [action for action in actions if isinstance(action, kind)]


of = Playbook.of


# The start.


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
    assert book.supervisor.state is State.STARTING
    book.ready(1)
    assert book.supervisor.state is State.RUNNING
    assert Commit(1) in book.actions
    assert Notify(Notice.READY) in book.actions
    assert book.supervisor.children[book.keeper].spawn.row == 1


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


# Deaths.


def test_a_worker_that_dies_after_a_steady_life_is_replaced_at_once():
    book = Playbook().start()
    pid = book.pids_of(1)[0]
    (spawn,) = of(book.happen(Exited(pid, -9), after=61.0), Spawn)
    assert spawn.slot == 0
    assert book.supervisor.respawned == 1


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
            pid for pid in book.pids_of(1) if book.supervisor.children[pid].spawn.slot == 1
        )
        book.happen(Exited(second, 1))
        book.happen(Tick(), after=1.0)
        book.ready(1)
    (first, *_) = (pid for pid in book.pids_of(1) if book.supervisor.children[pid].spawn.slot == 0)
    assert of(book.happen(Exited(first, 1)), Spawn)


def test_the_dead_are_buried_before_they_are_replaced():
    book = Playbook().start()
    pid = book.pids_of(1)[0]
    row = book.supervisor.children[pid].spawn.row
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
    assert book.supervisor.children[pid].stage is Stage.LOST
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


# Reloads.


def test_a_reload_brings_the_new_one_up_before_the_old_one_drains():
    book = Playbook().start()
    old = book.pids_of(1)
    book.happen(Asked(Command.RELOAD, 7))
    actions = book.happen(Loaded(2, 2, text="as told"))
    assert of(actions, Tell) == []
    book.ready(2)
    assert book.supervisor.generation == 2
    drained = [tell.pid for tell in of(book.actions, Tell) if tell.order is Order.DRAIN]
    assert set(old) < set(drained)
    order = [type(a) for a in book.actions]
    assert order.index(Tell) < len(order) - order[::-1].index(Commit) - 1
    assert Answer(7, "as told") in book.actions
    assert book.supervisor.last_reload == "as told"


def test_the_new_keeper_comes_when_the_old_one_is_gone():
    book = Playbook().start()
    old = book.keeper
    book.reload()
    assert book.pids_of(role=Role.KEEPER) == [old]
    (spawn,) = of(book.happen(Exited(old, 0)), Spawn)
    assert (spawn.role, spawn.generation) == (Role.KEEPER, 2)


def test_a_configuration_that_cannot_be_loaded_changes_nothing():
    book = Playbook().start()
    before = set(book.supervisor.children)
    book.happen(Asked(Command.RELOAD, 7))
    actions = book.happen(LoadFailed("unknown directive"))
    assert Answer(7, "unknown directive", done=False) in actions
    assert book.supervisor.state is State.RUNNING
    assert book.supervisor.generation == 1
    assert set(book.supervisor.children) == before
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
    assert book.supervisor.state is State.RUNNING
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


def test_old_workers_that_stay_too_long_are_killed():
    book = Playbook().start(workers=1, shutdown_timeout=30.0)
    (old,) = book.pids_of(1)
    book.reload()
    assert book.happen(Tick(), after=34.0) == []
    assert Kill(old, signal.SIGKILL) in book.happen(Tick(), after=1.1)


def test_with_no_shutdown_timeout_they_may_stay_for_ever():
    book = Playbook().start(workers=1, shutdown_timeout=0.0)
    book.reload()
    assert of(book.happen(Tick(), after=1e6), Kill) == []


def test_without_a_free_row_the_oldest_draining_generation_ends_first():
    book = Playbook(rows=2 + 3).start(workers=1)
    (oldest,) = book.pids_of(1)
    book.reload(workers=1)
    book.reload(workers=1)
    book.happen(Asked(Command.RELOAD))
    actions = book.happen(Loaded(4, 1))
    assert of(actions, Kill) == [Kill(oldest, signal.SIGTERM)]
    book.happen(Exited(oldest, 0))
    (spawn,) = of(book.happen(Tick(), after=0.1), Spawn)
    assert spawn.generation == 4


def test_the_reload_of_an_idle_master_brings_the_workers_back():
    book = Playbook().start()
    book.happen(Asked(Command.IDLE))
    for pid in book.pids_of(1):
        assert of(book.happen(Exited(pid, 0)), Spawn) == []
    book.reload(workers=2)
    assert len(book.pids_of(2, stage=Stage.READY)) == 2


# Further commands.


def test_reopen_reaches_the_master_first_and_then_every_child():
    book = Playbook().start()
    actions = book.happen(Asked(Command.REOPEN, 5))
    told = [tell.pid for tell in of(actions, Tell)]
    assert set(told) == set(book.supervisor.children)
    kinds = [type(action) for action in actions]
    assert kinds.index(Reopen) < kinds.index(Tell)
    assert Answer(5, "logs reopened") in actions


def test_one_worker_more_and_one_less():
    book = Playbook().start(workers=1)
    (spawn,) = of(book.happen(Asked(Command.MORE)), Spawn)
    assert spawn.slot == 1
    book.ready(1)
    actions = book.happen(Asked(Command.LESS))
    assert [tell.order for tell in of(actions, Tell)] == [Order.DRAIN]
    assert Resized() in actions
    assert of(book.happen(Asked(Command.LESS, 3)), Answer) == [Answer(3, "not now", done=False)]


def test_a_neighbour_adopts_the_sockets_of_a_slot_and_gives_them_back():
    book = Playbook().start(workers=2, own_sockets=True)
    zero, one = book.pids_of(1)
    book.happen(Exited(zero, 1))
    book.ready(1)
    zero = next(pid for pid in book.pids_of(1) if pid != one)
    assert Tell(one, Order.ADOPT, 0) in book.happen(Exited(zero, 1))
    book.happen(Tick(), after=0.2)
    zero = next(pid for pid in book.pids_of(1) if pid != one)
    assert Tell(one, Order.RELEASE, 0) in book.happen(Ready(zero))


def test_adopted_sockets_move_on_when_the_neighbour_dies():
    book = Playbook().start(workers=3, own_sockets=True)
    zero, one, two = book.pids_of(1)
    book.supervisor._deaths[0] = 5
    book.supervisor._deaths[1] = 5
    assert Tell(one, Order.ADOPT, 0) in book.happen(Exited(zero, 1))
    told = of(book.happen(Exited(one, 1)), Tell)
    assert Tell(two, Order.ADOPT, 0) in told
    assert Tell(two, Order.ADOPT, 1) in told


# The end.


def test_quit_drains_the_workers_then_the_keeper_then_exits():
    book = Playbook().start()
    actions = book.happen(Asked(Command.QUIT))
    first, second = book.pids_of(1)
    assert [tell.pid for tell in of(actions, Tell)] == [first, second]
    assert CloseListeners() in actions
    assert Notify(Notice.STOPPING) in actions
    assert of(book.happen(Exited(first, 0)), Tell) == []
    assert of(book.happen(Exited(second, 0)), Tell) == [Tell(book.keeper, Order.DRAIN)]
    assert Exit(0) in book.happen(Exited(book.keeper, 0))


def test_stop_ends_everybody_at_once_and_kills_who_stays():
    book = Playbook().start()
    everybody = set(book.supervisor.children)
    actions = book.happen(Asked(Command.STOP))
    assert {kill.pid for kill in of(actions, Kill)} == everybody
    actions = book.happen(Tick(), after=5.0)
    assert {kill.pid for kill in of(actions, Kill) if kill.signal == 9} == everybody


def test_stop_after_quit_does_not_wait():
    book = Playbook().start()
    book.happen(Asked(Command.QUIT))
    actions = book.happen(Asked(Command.STOP))
    assert len(of(actions, Kill)) == 3
    assert of(actions, CloseListeners) == []


def test_quit_during_a_reload_gives_the_new_generation_up():
    book = Playbook().start()
    book.happen(Asked(Command.RELOAD, 7))
    book.happen(Loaded(2, 2))
    (pid,) = book.pids_of(2)
    actions = book.happen(Asked(Command.QUIT))
    assert Kill(pid, signal.SIGTERM) in actions
    assert Answer(7, "the master stops", done=False) in actions
    assert of(book.happen(Exited(pid, 0)), Spawn) == []


def test_a_generation_that_is_loaded_too_late_is_let_go():
    book = Playbook().start()
    book.happen(Asked(Command.RELOAD))
    book.happen(Asked(Command.STOP))
    assert Retire(2) in book.happen(Loaded(2, 2))


def test_nobody_is_replaced_while_the_master_stops():
    book = Playbook().start()
    book.happen(Asked(Command.QUIT))
    assert of(book.happen(Exited(book.pids_of(1)[0], -11)), Spawn) == []


@pytest.mark.parametrize("command", [Command.RELOAD, Command.UPGRADE, Command.MORE, Command.IDLE])
def test_what_cannot_be_done_any_more_is_refused(command):
    book = Playbook().start()
    book.happen(Asked(Command.QUIT))
    (answer,) = of(book.happen(Asked(command, 4)), Answer)
    assert not answer.done


# Upgrades.


def test_the_old_master_drains_when_the_new_one_serves():
    book = Playbook().start()
    assert HandOver() in book.happen(Asked(Command.UPGRADE, 9))
    book.happen(HandedOver(77))
    actions = book.happen(TakenOver())
    assert Answer(9, "the new master 77 serves") in actions
    assert len(of(actions, Tell)) == 2
    assert of(actions, CloseListeners) == []
    assert book.supervisor.state is State.STOPPING


FAILURES = [HandOverFailed("no such file"), Exited(77, 1), Tick()]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda event: type(event).__name__)
def test_a_new_master_that_fails_leaves_this_one_running(failure):
    book = Playbook().start()
    book.happen(Asked(Command.UPGRADE, 9))
    book.happen(HandedOver(77))
    actions = book.happen(failure, after=61.0)
    assert TakeBack() in actions
    assert not of(actions, Answer)[0].done
    assert book.supervisor.state is State.RUNNING
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


# Whatever happens.


@given(st.lists(st.integers(0, 9), max_size=60), st.data())
def test_no_row_has_two_writers_whatever_happens(steps, data):
    book = Playbook(rows=10).start(workers=2)
    loads = 0
    for step in steps:
        supervisor = book.supervisor
        pids = sorted(supervisor.children)
        pid = data.draw(st.sampled_from(pids)) if pids else 0
        if step <= 2:
            book.happen(Exited(pid, -9))
        elif step == 3:
            book.happen(Ready(pid))
        elif step == 4:
            book.happen(Tick(), after=data.draw(st.floats(0.0, 40.0)))
        elif step == 5:
            book.happen(Heavy(pid, "heavy"))
        elif step == 6:
            book.happen(Silent(pid))
        elif step == 7:
            book.happen(Asked(data.draw(st.sampled_from([Command.MORE, Command.LESS]))))
        else:
            book.happen(Asked(Command.RELOAD))
        asked = of(book.actions, Load)
        for load in asked[loads:]:
            loads += 1
            fails = data.draw(st.booleans())
            book.happen(LoadFailed("bad") if fails else Loaded(load.number, 2))
        rows = [child.spawn.row for child in supervisor.children.values()]
        assert len(rows) == len(set(rows))
        assert len(book.pids_of(role=Role.KEEPER)) <= 1
        retired = {action.number for action in of(book.actions, Retire)}
        assert supervisor.generation not in retired
        for child in supervisor.children.values():
            assert child.spawn.generation not in retired


def test_every_event_and_action_is_frozen():
    for kind in (*events.Event.__args__, *events.Action.__args__):
        assert kind.__dataclass_params__.frozen
