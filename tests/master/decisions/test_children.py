"""How children begin and end as they are told."""

import signal

from forkproxy.master.events import (
    Asked,
    Command,
    Exited,
    Kill,
    Loaded,
    Spawn,
    Tick,
)
from tests.support.playbook import Playbook, of


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
