"""What is said of how things stand."""

from forkproxy.master.decisions.situation import State
from forkproxy.master.events import Answer
from tests.support.playbook import Playbook


def test_the_workers_of_each_generation_are_told_apart_and_the_keeper_from_them():
    book = Playbook().start(workers=2)
    old = book.pids_of(1)
    book.reload(workers=1)
    situation = book.situation
    assert [child.pid for child in situation.workers_of(1)] == old
    assert [child.pid for child in situation.current_workers()] == book.pids_of(2)
    assert len(situation.all_workers()) == 3
    assert [child.pid for child in situation.keepers()] == [book.keeper]


def test_a_refusal_names_the_state_that_is_in_the_way():
    situation = Playbook().start().situation
    situation.state = State.UPGRADING
    situation.actions = []
    situation.refuse(5)
    assert situation.actions == [Answer(5, "not now: upgrading", done=False)]


def test_nobody_is_answered_for_a_signal():
    situation = Playbook().start().situation
    situation.actions = []
    situation.answer([0, 7, 0], "done")
    assert situation.actions == [Answer(7, "done")]
