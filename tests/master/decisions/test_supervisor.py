"""The commands of the master that are decided at once, and what holds whatever happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.master import events
from forkproxy.master.events import (
    Answer,
    Asked,
    Command,
    Exited,
    Heavy,
    Load,
    Loaded,
    LoadFailed,
    Order,
    Ready,
    Reopen,
    Resized,
    Retire,
    Role,
    Silent,
    Spawn,
    Tell,
    Tick,
)
from tests.support.playbook import Playbook, of


def test_reopen_reaches_the_master_first_and_then_every_child():
    book = Playbook().start()
    actions = book.happen(Asked(Command.REOPEN, 5))
    told = [tell.pid for tell in of(actions, Tell)]
    assert set(told) == set(book.situation.children)
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


@pytest.mark.parametrize("command", [Command.RELOAD, Command.UPGRADE, Command.MORE, Command.IDLE])
def test_what_cannot_be_done_any_more_is_refused(command):
    book = Playbook().start()
    book.happen(Asked(Command.QUIT))
    (answer,) = of(book.happen(Asked(command, 4)), Answer)
    assert not answer.done


@given(st.lists(st.integers(0, 9), max_size=60), st.data())
def test_no_row_has_two_writers_whatever_happens(steps, data):
    book = Playbook(rows=10).start(workers=2)
    loads = 0
    for step in steps:
        pids = sorted(book.situation.children)
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
        rows = [child.spawn.row for child in book.situation.children.values()]
        assert len(rows) == len(set(rows))
        assert len(book.pids_of(role=Role.KEEPER)) <= 1
        retired = {action.number for action in of(book.actions, Retire)}
        assert book.situation.generation not in retired
        for child in book.situation.children.values():
            assert child.spawn.generation not in retired


def test_every_event_and_action_is_frozen():
    for kind in (*events.Event.__args__, *events.Action.__args__):
        assert kind.__dataclass_params__.frozen
