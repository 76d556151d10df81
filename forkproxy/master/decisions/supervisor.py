"""The master decides here, without acting: events in, actions out.

No descriptor, no clock, no process: process.py brings the events with the time they came, and
carries the actions out in order. So every rule is tested by a table.

    STARTING   until the first generation is ready; a worker that fails ends the master, with 3
    RUNNING    a generation serves
    RELOADING  the next one is brought up beside it; whatever fails leaves the old one untouched
    UPGRADING  a new master is brought up beside this one
    STOPPING   the children end, then the master
"""

from __future__ import annotations

from forkproxy.master.decisions.adoption import Adoption
from forkproxy.master.decisions.children import Children
from forkproxy.master.decisions.deaths import Deaths, how_ended
from forkproxy.master.decisions.ending import Ending
from forkproxy.master.decisions.reload import Reload
from forkproxy.master.decisions.situation import Child, Situation, Stage, State
from forkproxy.master.decisions.upgrade import Upgrade
from forkproxy.master.events import (
    Action,
    Asked,
    Bury,
    Command,
    Event,
    Exited,
    Failed,
    Forked,
    ForkFailed,
    HandedOver,
    HandOverFailed,
    Heavy,
    Loaded,
    LoadFailed,
    Order,
    Ready,
    Reopen,
    Resized,
    Role,
    Silent,
    TakenOver,
    Tell,
    Tick,
)
from forkproxy.shared.errorlog import Level


class Supervisor:
    """Decides what is to be done upon each event."""

    def __init__(self, situation: Situation, first_row: int, rows: int, keeper_row: int) -> None:
        """Give out the scoreboard's rows from `first_row` to before `rows` to workers."""
        self._situation = situation
        self._children = Children(situation, first_row, rows, keeper_row)
        self._adoption = Adoption(situation)
        self._deaths = Deaths(situation, self._children, self._adoption)
        self._reload = Reload(
            situation, self._children, self._deaths, self._adoption, self._fail_start
        )
        self._upgrade = Upgrade(situation)
        self._ending = Ending(situation, self._children, self._reload, self._upgrade)

    def handle(self, event: Event, now: float) -> list[Action]:
        """Take one event that happened at `now` (monotonic seconds), and say what to do."""
        self._situation.now = now
        self._situation.actions = []
        self._decide(event)
        return self._situation.actions

    def _decide(self, event: Event) -> None:
        match event:
            case Asked():
                self._asked(event.command, event.client, event.like)
            case Loaded():
                self._reload.loaded(event)
            case LoadFailed():
                self._reload.not_loaded(event.text)
            case Forked():
                self._forked(event)
            case ForkFailed():
                self._fork_failed(event)
            case Ready():
                self._ready(event.pid)
            case Failed():
                self._failed(event)
            case Heavy():
                self._deaths.replace_heavy(event)
            case Silent():
                self._deaths.abort_silent(event.pid)
            case Exited():
                if not self._upgrade.ended(event):
                    self._exited(event)
            case HandedOver():
                self._upgrade.started(event.pid)
            case TakenOver():
                if self._upgrade.succeeds():
                    self._ending.give_way()
            case HandOverFailed():
                self._upgrade.fail(event.text)
            case Tick():
                self._tick()

    def _tick(self) -> None:
        self._children.kill_late()
        self._children.start_due()
        self._reload.fail_late()
        self._upgrade.fail_late()

    def wake_at(self) -> float:
        """Return when the next Tick is due, in monotonic seconds; infinite for never."""
        return min(self._children.wake_at(), self._reload.wake_at(), self._upgrade.wake_at())

    def _fail_start(self) -> None:
        self._ending.fail_start()

    # Commands.

    def _asked(self, command: Command, client: int, like: int) -> None:
        match command:
            case Command.STOP:
                self._situation.answer([client], "stopping")
                self._ending.stop()
            case Command.QUIT:
                self._situation.answer([client], "stopping gracefully")
                self._ending.quit()
            case Command.RELOAD:
                self._reload.ask(client)
            case Command.ROLLBACK:
                self._reload.ask(client, like)
            case Command.REOPEN:
                self._reopen(client)
            case Command.UPGRADE:
                self._upgrade.begin(client)
            case Command.IDLE:
                self._idle(client)
            case Command.MORE:
                self._resize(1, client)
            case Command.LESS:
                self._resize(-1, client)

    def _reopen(self, client: int) -> None:
        self._situation.log(Level.NOTICE, "reopening logs")
        self._situation.do(Reopen())
        self._situation.do(*(Tell(pid, Order.REOPEN) for pid in self._situation.children))
        self._situation.answer([client], "logs reopened")

    def _idle(self, client: int) -> None:
        situation = self._situation
        if situation.state is not State.RUNNING:
            situation.refuse(client)
            return
        situation.log(Level.NOTICE, "gracefully shutting down worker processes")
        self._children.cancel(lambda due: due.role is Role.WORKER)
        self._children.drain_workers(situation.generation)
        situation.idle = True
        situation.answer([client], "workers end")

    def _resize(self, change: int, client: int) -> None:
        situation = self._situation
        running = situation.state is State.RUNNING and not situation.idle
        if not running or situation.workers + change < 1:
            situation.answer([client], "not now", done=False)
            return
        situation.workers += change
        if change > 0:
            self._children.spawn_worker(situation.workers - 1, situation.generation)
        else:
            self._end_slot(situation.workers)
            situation.do(Resized())
        situation.answer([client], f"{situation.workers} workers")

    def _end_slot(self, slot: int) -> None:
        self._children.cancel(lambda due: due.slot == slot)
        for child in self._situation.current_workers():
            if child.spawn.slot == slot:
                self._children.drain(child)

    # The life of a child.

    def _forked(self, event: Forked) -> None:
        child = self._children.forked(event)
        if self._situation.state is State.STOPPING:
            self._children.end_fast(child)

    def _fork_failed(self, event: ForkFailed) -> None:
        spawn = event.spawn
        self._children.not_forked(spawn)
        self._situation.log(Level.ALERT, event.text)
        if self._reload.brings(spawn.generation):
            self._reload.abandon(event.text)
        elif self._situation.state is not State.STOPPING and not spawn.replaces:
            self._deaths.respawn(spawn, lived=0.0)

    def _ready(self, pid: int) -> None:
        child = self._situation.children.get(pid)
        if child is None or child.stage is not Stage.STARTING:
            return
        child.stage = Stage.READY
        self._adoption.release(child.spawn.slot)
        if self._reload.brings(child.spawn.generation):
            self._reload.worker_ready()
        elif not self._wanted(child):
            self._children.drain(child)
        elif child.spawn.replaces in self._situation.children:
            self._children.drain(self._situation.children[child.spawn.replaces])

    def _wanted(self, child: Child) -> bool:
        """Tell whether somebody who is ready came neither too late nor too many."""
        situation = self._situation
        if child.spawn.generation != situation.generation:
            return False
        return not child.worker or (child.spawn.slot < situation.workers and not situation.idle)

    def _failed(self, event: Failed) -> None:
        if event.pid in self._situation.children:
            self._situation.children[event.pid].reason = event.text

    def _exited(self, event: Exited) -> None:
        child = self._situation.children.pop(event.pid, None)
        if child is None:
            return
        self._deaths.log(child, event.status)
        self._situation.do(Bury(child.pid, child.spawn.row))
        if self._situation.state is State.STOPPING:
            self._ending.go_on()
            return
        if self._reload.brings(child.spawn.generation):
            self._reload.abandon(child.reason or f"a new worker {how_ended(event.status)}")
        else:
            self._deaths.replace(child)
        self._adoption.adopt_again(child.pid)
        self._reload.retire_unused()
