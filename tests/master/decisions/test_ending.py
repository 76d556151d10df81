"""The end of the master."""

import signal

from forkproxy.master.events import (
    Answer,
    Asked,
    CloseListeners,
    Command,
    Exit,
    Exited,
    Kill,
    Loaded,
    Notice,
    Notify,
    Order,
    Retire,
    Spawn,
    Tell,
    Tick,
)
from tests.support.playbook import Playbook, of


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
    everybody = set(book.situation.children)
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
