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

import signal
from dataclasses import dataclass, field
from enum import Enum

from forkproxy.master.events import (
    Action,
    Answer,
    Asked,
    Bury,
    CloseListeners,
    Command,
    Commit,
    Event,
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
from forkproxy.shared.errorlog import Level

STEADY = 60.0  # seconds of life after which a death is the first again
FIRST_DELAY = 0.1  # seconds before the second attempt in a row
LAST_DELAY = 30.0
START_TIME = 10.0  # seconds the workers of a new generation have to be ready
STACK_TIME = 5.0  # seconds from SIGABRT, for the stack dump, to SIGKILL
STOP_TIME = 5.0  # seconds from SIGTERM to SIGKILL
LATE = 5.0  # seconds a child may stay past its own deadline
UPGRADE_TIME = 60.0  # seconds a new master has to be ready
START_FAILED = 3  # exit code
NEVER = float("inf")
KEEPER_SLOT = -1


class State(Enum):
    STARTING = "starting"
    RUNNING = "running"
    RELOADING = "reloading"
    UPGRADING = "upgrading"
    STOPPING = "stopping"


class Stage(Enum):
    """How far a child is in its life."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"  # told to end, one way or the other
    LOST = "lost"  # it answers nothing, and is being killed


@dataclass(slots=True)
class Child:
    """A process of ours that has not been reaped."""

    pid: int
    spawn: Spawn
    born: float
    stage: Stage = Stage.STARTING
    kill_at: float = NEVER  # when SIGKILL is due
    reason: str = ""  # why it ended, in its own words
    requests_before: int = 0  # what its row had counted when it was born

    @property
    def worker(self) -> bool:
        return self.spawn.role is Role.WORKER


@dataclass(slots=True)
class Incoming:
    """A generation on its way up."""

    loaded: Loaded
    fails_at: float
    clients: list[int]


@dataclass(frozen=True, slots=True)
class Due:
    """A child to be started, and when."""

    at: float
    role: Role
    slot: int
    generation: int


@dataclass(slots=True)
class Upgrade:
    """A new master on its way up; pid 0 until it is started."""

    fails_at: float
    clients: list[int]
    pid: int = 0
    ready: bool = False


@dataclass(slots=True)
class Reload:
    """Who asked for a reload that has not begun."""

    clients: list[int] = field(default_factory=list)


class Supervisor:
    """The state of the master.

    Attributes:
        generation: the number of the one that serves, 0 before the first.
        workers: how many there should be.
        idle: there should be none until the next reload.
        children: by pid.
        respawned: children replaced after they died, ever.
        last_reload: what the last reload came to, as a sentence; "" before the first.
    """

    def __init__(self, first_row: int, rows: int, keeper_row: int) -> None:
        """Give out the scoreboard's rows from `first_row` to before `rows` to workers."""
        self.state = State.STARTING
        self.generation = 0
        self.workers = 0
        self.idle = False
        self.children: dict[int, Child] = {}
        self.respawned = 0
        self.last_reload = ""
        self._worker_rows = range(first_row, rows)
        self._keeper_row = keeper_row
        self._number = 1  # of the generation loaded last
        self._loaded: dict[int, Loaded] = {}
        self._incoming: Incoming | None = None
        self._asking: list[int] = []  # clients of the load under way
        self._next: Reload | None = None
        self._upgrade: Upgrade | None = None
        self._forking: dict[int, Spawn] = {}  # by row; ordered, and not yet answered
        self._due: list[Due] = []
        self._deaths: dict[int, int] = {}  # in a row, by slot
        self._adopted: dict[int, int] = {}  # slot without a worker to the pid that accepts for it
        self._graceful = False
        self._listening = True
        self._code = 0
        self._now = 0.0
        self._actions: list[Action] = []

    def handle(self, event: Event, now: float) -> list[Action]:
        """Take one event that happened at `now` (monotonic seconds), and say what to do."""
        self._now = now
        self._actions = []
        match event:
            case Asked():
                self._asked(event)
            case Loaded():
                self._on_loaded(event)
            case LoadFailed():
                self._reload_failed(event.text, self._asking)
            case Forked():
                self._forked(event)
            case ForkFailed():
                self._fork_failed(event)
            case Ready():
                self._ready(event.pid)
            case Failed():
                self._failed(event)
            case Heavy():
                self._heavy(event)
            case Silent():
                self._silent(event.pid)
            case Exited():
                self._exited(event)
            case HandedOver():
                self._handed_over(event.pid)
            case TakenOver():
                self._taken_over()
            case HandOverFailed():
                self._upgrade_failed(event.text)
            case Tick():
                self._tick()
        return self._actions

    def wake_at(self) -> float:
        """Return when the next Tick is due, in monotonic seconds; infinite for never."""
        times = [child.kill_at for child in self.children.values()]
        times += [due.at for due in self._due]
        if self._incoming is not None:
            times.append(self._incoming.fails_at)
        if self._upgrade is not None and not self._upgrade.ready:
            times.append(self._upgrade.fails_at)
        return min(times, default=NEVER)

    # Commands.

    def _asked(self, event: Asked) -> None:
        match event.command:
            case Command.STOP:
                self._answer([event.client], "stopping")
                self._stop()
            case Command.QUIT:
                self._answer([event.client], "stopping gracefully")
                self._quit()
            case Command.RELOAD:
                self._reload(event.client)
            case Command.REOPEN:
                self._reopen(event.client)
            case Command.UPGRADE:
                self._begin_upgrade(event.client)
            case Command.IDLE:
                self._idle(event.client)
            case Command.MORE:
                self._resize(1, event.client)
            case Command.LESS:
                self._resize(-1, event.client)

    def _reload(self, client: int) -> None:
        if self.state is State.RELOADING or self.state is State.STARTING:
            # Once more, whoever asks how often: the last wish is what counts.
            self._next = self._next or Reload()
            self._next.clients.append(client)
        elif self.state is State.RUNNING:
            self._load([client])
        else:
            self._answer([client], f"not now: {self.state.value}", done=False)

    def _load(self, clients: list[int]) -> None:
        self.state = State.RELOADING
        self._asking = clients
        self._number += 1
        self._do(Notify(Notice.RELOADING), Load(self._number))

    def _reopen(self, client: int) -> None:
        self._log(Level.NOTICE, "reopening logs")
        self._do(Reopen())
        self._do(*(Tell(pid, Order.REOPEN) for pid in self.children))
        self._answer([client], "logs reopened")

    def _idle(self, client: int) -> None:
        if self.state is not State.RUNNING:
            self._answer([client], f"not now: {self.state.value}", done=False)
            return
        self._log(Level.NOTICE, "gracefully shutting down worker processes")
        self._due = [due for due in self._due if due.role is not Role.WORKER]
        self._drain_workers(self.generation)
        self.idle = True
        self._answer([client], "workers end")

    def _resize(self, change: int, client: int) -> None:
        if self.state is not State.RUNNING or self.idle or self.workers + change < 1:
            self._answer([client], "not now", done=False)
            return
        self.workers += change
        if change > 0:
            self._spawn(Role.WORKER, self.workers - 1, self.generation)
        else:
            self._end_slot(self.workers)
            self._do(Resized())
        self._answer([client], f"{self.workers} workers")

    def _end_slot(self, slot: int) -> None:
        self._due = [due for due in self._due if due.slot != slot]
        for child in self._current_workers():
            if child.spawn.slot == slot:
                self._drain(child)

    # A generation on its way up.

    def _on_loaded(self, event: Loaded) -> None:
        if self.state is State.STOPPING:
            self._do(Retire(event.number))
            return
        self._number = event.number
        self._loaded[event.number] = event
        self._incoming = Incoming(event, self._now + START_TIME, self._asking)
        self._asking = []
        # One first: what ends a worker at its start costs one process, not all of them.
        self._spawn(Role.WORKER, 0, event.number)

    def _incoming_ready(self, incoming: Incoming) -> None:
        """Go on with a generation of which one more worker is ready."""
        number = incoming.loaded.number
        mine = [child for child in self.children.values() if child.spawn.generation == number]
        ready = sum(child.stage is Stage.READY for child in mine)
        if ready == incoming.loaded.workers:
            self._commit(incoming)
        elif ready == 1:
            for slot in range(1, incoming.loaded.workers):
                self._spawn(Role.WORKER, slot, number)

    def _commit(self, incoming: Incoming) -> None:
        """Let the new generation be the one that serves."""
        first, old = self.generation == 0, self.generation
        self._incoming = None
        self.generation = incoming.loaded.number
        self.workers = incoming.loaded.workers
        self.idle = False
        self.state = State.RUNNING
        self._due = []
        self._deaths = {}
        self._adopted = {}
        self._drain_workers(old)
        self._replace_keeper()
        self._do(Commit(self.generation), Notify(Notice.READY))
        if not first:
            self._retire_unused()
            self._tell_result(incoming.clients, incoming.loaded.text, done=True)
        self._reload_again()

    def _replace_keeper(self) -> None:
        """Let a keeper of the new generation follow the old one: two must never write at once.

        It comes after the point of no return. A keeper that cannot start is tried again like
        any other child, and the workers serve without it meanwhile.
        """
        keepers = [child for child in self.children.values() if not child.worker]
        for child in keepers:
            self._drain(child)
        if not keepers:
            self._spawn(Role.KEEPER, KEEPER_SLOT, self.generation)

    def _reload_failed(self, text: str, clients: list[int]) -> None:
        """Go on as before; the generation in use was never touched."""
        self._asking = []
        if self.state is State.STARTING:
            self._log(Level.EMERG, text)
            self._code = START_FAILED
            self._stop()
            return
        if self.state is State.RELOADING:
            self.state = State.RUNNING
            self._do(Notify(Notice.READY))
        self._tell_result(clients, text, done=False)
        self._reload_again()

    def _abandon(self, text: str) -> None:
        """Give up the generation on its way up."""
        incoming = self._incoming
        if incoming is None:
            return
        self._incoming = None
        number = incoming.loaded.number
        self._due = [due for due in self._due if due.generation != number]
        for child in self.children.values():
            if child.spawn.generation == number:
                self._end_fast(child)
        self._retire_unused()
        self._reload_failed(text, incoming.clients)

    def _tell_result(self, clients: list[int], text: str, *, done: bool) -> None:
        self.last_reload = text if done else f"failed: {text}"
        self._log(*((Level.NOTICE, f"reloaded: {text}") if done else (Level.ERROR, text)))
        self._answer(clients, text, done=done)

    def _reload_again(self) -> None:
        if self._next is not None and self.state is State.RUNNING:
            clients, self._next = self._next.clients, None
            self._load(clients)

    # Children.

    def _spawn(self, role: Role, slot: int, generation: int, replaces: int = 0) -> None:
        row = self._keeper_row if role is Role.KEEPER else self._free_row()
        if row is None:
            self._end_oldest()
            self._due.append(Due(self._now + FIRST_DELAY, role, slot, generation))
            return
        order = Spawn(role, slot, generation, row, replaces)
        self._forking[row] = order
        self._do(order)

    def _free_row(self) -> int | None:
        taken = {child.spawn.row for child in self.children.values()} | self._forking.keys()
        return next((row for row in self._worker_rows if row not in taken), None)

    def _end_oldest(self) -> None:
        """End the oldest generation that drains, so that stuck ones cannot pile up."""
        draining = [
            child
            for child in self.children.values()
            if child.worker and child.stage is Stage.DRAINING
        ]
        if not draining:
            return
        oldest = min(child.spawn.generation for child in draining)
        self._log(Level.WARN, f"no room for another worker: ending generation {oldest}")
        for child in draining:
            if child.spawn.generation == oldest:
                self._end_fast(child)

    def _forked(self, event: Forked) -> None:
        self._forking.pop(event.spawn.row, None)
        child = self.children[event.pid] = Child(event.pid, event.spawn, self._now)
        child.requests_before = event.requests_before
        if self.state is State.STOPPING:
            self._end_fast(child)

    def _fork_failed(self, event: ForkFailed) -> None:
        spawn = event.spawn
        self._forking.pop(spawn.row, None)
        self._log(Level.ALERT, event.text)
        if self._incoming is not None and spawn.generation == self._incoming.loaded.number:
            self._abandon(event.text)
        elif self.state is not State.STOPPING and not spawn.replaces:
            self._respawn(spawn, lived=0.0)

    def _ready(self, pid: int) -> None:
        child = self.children.get(pid)
        if child is None or child.stage is not Stage.STARTING:
            return
        child.stage = Stage.READY
        self._release(child.spawn.slot)
        if self._incoming is not None and child.spawn.generation == self._incoming.loaded.number:
            self._incoming_ready(self._incoming)
        elif child.spawn.generation != self.generation or not self._wanted(child):
            self._drain(child)
        elif child.spawn.replaces in self.children:
            self._drain(self.children[child.spawn.replaces])

    def _wanted(self, child: Child) -> bool:
        return not child.worker or (child.spawn.slot < self.workers and not self.idle)

    def _failed(self, event: Failed) -> None:
        if event.pid in self.children:
            self.children[event.pid].reason = event.text

    def _heavy(self, event: Heavy) -> None:
        """Replace a worker that has grown, gracefully; it serves until the other is ready."""
        child = self.children.get(event.pid)
        replaced = any(other.spawn.replaces == event.pid for other in self.children.values())
        if child is None or child.stage is not Stage.READY or replaced:
            return
        if self.state is State.RUNNING and child.spawn.generation == self.generation:
            self._log(Level.NOTICE, f"replacing worker {event.pid}: {event.text}")
            self._spawn(Role.WORKER, child.spawn.slot, self.generation, replaces=event.pid)

    def _silent(self, pid: int) -> None:
        child = self.children.get(pid)
        if child is None or child.stage is Stage.LOST:
            return
        name = f"{child.spawn.role.value} process {pid}"
        self._log(Level.ALERT, f"{name} does not answer: its stack follows, then it is killed")
        self._do(Kill(pid, signal.SIGABRT))
        child.kill_at = min(child.kill_at, self._now + STACK_TIME)
        if child.stage is not Stage.DRAINING:
            child.stage = Stage.LOST

    def _exited(self, event: Exited) -> None:
        if self._upgrade is not None and event.pid == self._upgrade.pid:
            self._upgrade_failed(f"the new master {_how(event.status)}")
            return
        child = self.children.pop(event.pid, None)
        if child is None:
            return
        self._log_exit(child, event.status)
        self._do(Bury(child.pid, child.spawn.row))
        if self.state is State.STOPPING:
            self._stop_further()
            return
        number = child.spawn.generation
        if self._incoming is not None and number == self._incoming.loaded.number:
            why = child.reason or f"a new worker {_how(event.status)}"
            self._abandon(why)
        elif child.stage is Stage.DRAINING:
            if not child.worker:
                self._spawn(Role.KEEPER, KEEPER_SLOT, self.generation)
        elif not self._replaced(child):
            self._respawn(child.spawn, lived=self._now - child.born)
        self._adopt_again(child.pid)
        self._retire_unused()

    def _replaced(self, child: Child) -> bool:
        """Tell whether another worker has, or is taking, the place of one that died."""
        if child.spawn.replaces in self.children:
            return True  # the replacement died; the one to be replaced is still there
        return any(other.spawn.replaces == child.pid for other in self.children.values())

    def _respawn(self, spawn: Spawn, lived: float) -> None:
        slot = spawn.slot
        deaths = 1 if lived >= STEADY else self._deaths.get(slot, 0) + 1
        self._deaths[slot] = deaths
        self.respawned += 1
        if deaths == 1:
            self._spawn(spawn.role, slot, self.generation)
            return
        delay = min(FIRST_DELAY * 2.0 ** (deaths - 2), LAST_DELAY)
        self._due.append(Due(self._now + delay, spawn.role, slot, self.generation))
        self._adopt(slot)

    def _log_exit(self, child: Child, status: int) -> None:
        expected = status == 0 and child.stage is Stage.DRAINING
        reason = f": {child.reason}" if child.reason else ""
        # What counts workers by nginx's words for their end must not count the keeper among them.
        how = _how(status) if status or child.worker else "is done"
        text = f"{child.spawn.role.value} process {child.pid} {how}{reason}"
        self._log(Level.NOTICE if expected else Level.ALERT, text)

    # Sockets of a slot that has no worker, where each slot has its own (reuseport).

    def _adopt(self, slot: int) -> None:
        """Let a neighbour accept for a slot: connections queue there whether it has a worker."""
        if slot == KEEPER_SLOT or not self._loaded[self.generation].own_sockets:
            return
        neighbour = next((c for c in self._current_workers() if c.stage is Stage.READY), None)
        if neighbour is not None:
            self._adopted[slot] = neighbour.pid
            self._do(Tell(neighbour.pid, Order.ADOPT, slot))

    def _adopt_again(self, pid: int) -> None:
        for slot in [slot for slot, who in self._adopted.items() if who == pid]:
            del self._adopted[slot]
            self._adopt(slot)

    def _release(self, slot: int) -> None:
        pid = self._adopted.pop(slot, None)
        if pid in self.children:
            self._do(Tell(pid, Order.RELEASE, slot))

    # The end of children.

    def _drain(self, child: Child) -> None:
        if child.stage is Stage.DRAINING:
            return
        limit = self._loaded[child.spawn.generation].shutdown_timeout
        if child.stage is not Stage.LOST:
            child.kill_at = self._now + limit + LATE if limit else NEVER
        child.stage = Stage.DRAINING
        self._do(Tell(child.pid, Order.DRAIN))

    def _drain_workers(self, generation: int) -> None:
        for child in self.children.values():
            if child.worker and child.spawn.generation == generation:
                self._drain(child)

    def _end_fast(self, child: Child) -> None:
        child.stage = Stage.DRAINING
        child.kill_at = min(child.kill_at, self._now + STOP_TIME)
        self._do(Kill(child.pid, signal.SIGTERM))

    def _current_workers(self) -> list[Child]:
        return [
            child
            for child in self.children.values()
            if child.worker and child.spawn.generation == self.generation
        ]

    def _retire_unused(self) -> None:
        """Let go of the generations that nobody runs."""
        used = {child.spawn.generation for child in self.children.values()}
        used |= {spawn.generation for spawn in self._forking.values()} | {self.generation}
        if self._incoming is not None:
            used.add(self._incoming.loaded.number)
        for number in [number for number in self._loaded if number not in used]:
            del self._loaded[number]
            self._do(Retire(number))

    # The end of the master.

    def _quit(self) -> None:
        if self.state is State.STOPPING:
            return
        self._begin_stop()
        self._graceful = True
        for child in self.children.values():
            if child.worker:
                self._drain(child)
        self._close_listeners()
        self._stop_further()

    def _stop(self) -> None:
        if self.state is State.STOPPING and not self._graceful:
            return
        self._begin_stop()
        self._graceful = False
        for child in self.children.values():
            self._end_fast(child)
        self._close_listeners()
        self._stop_further()

    def _begin_stop(self) -> None:
        if self.state is State.STOPPING:
            return
        self.state = State.STOPPING
        self._due = []
        waiting = list(self._asking)
        if self._incoming is not None:
            waiting += self._incoming.clients
            for child in self.children.values():
                if child.spawn.generation == self._incoming.loaded.number:
                    self._end_fast(child)
            self._incoming = None
        if self._next is not None:
            waiting += self._next.clients
            self._next = None
        self._answer(waiting, "the master stops", done=False)
        if self._upgrade is not None and not self._upgrade.ready:
            self._answer(self._upgrade.clients, "the master stops", done=False)
            if self._upgrade.pid:
                self._do(Kill(self._upgrade.pid, signal.SIGTERM))
            self._upgrade = None
        self._do(Notify(Notice.STOPPING))

    def _close_listeners(self) -> None:
        if self._listening:
            self._listening = False
            self._do(CloseListeners())

    def _stop_further(self) -> None:
        """Let the keeper go when no worker is left, and the master when nobody is."""
        if not self.children and not self._forking:
            self._do(Exit(self._code))
        elif not any(child.worker for child in self.children.values()):
            for child in self.children.values():
                self._drain(child)

    # A new master.

    def _begin_upgrade(self, client: int) -> None:
        if self.state is not State.RUNNING:
            self._answer([client], f"not now: {self.state.value}", done=False)
            return
        self.state = State.UPGRADING
        self._upgrade = Upgrade(self._now + UPGRADE_TIME, [client])
        self._log(Level.NOTICE, "changing binary")
        self._do(HandOver())

    def _handed_over(self, pid: int) -> None:
        if self._upgrade is None:
            self._do(Kill(pid, signal.SIGTERM))
        else:
            self._upgrade.pid = pid

    def _taken_over(self) -> None:
        if self._upgrade is None or self.state is not State.UPGRADING:
            return
        self._upgrade.ready = True
        text = f"the new master {self._upgrade.pid} serves"
        self._log(Level.NOTICE, text)
        self._answer(self._upgrade.clients, text)
        self._listening = False  # they are the other's now
        self._quit()

    def _upgrade_failed(self, text: str) -> None:
        upgrade, self._upgrade = self._upgrade, None
        if upgrade is None or upgrade.ready:
            return
        self._log(Level.ERROR, f"upgrade failed: {text}")
        self.state = State.RUNNING
        self._do(TakeBack())
        self._answer(upgrade.clients, text, done=False)

    # Time.

    def _tick(self) -> None:
        self._kill_late()
        self._start_due()
        if self._incoming is not None and self._now >= self._incoming.fails_at:
            self._abandon(f"the new workers were not ready within {START_TIME:.0f} s")
        upgrade = self._upgrade
        if upgrade is not None and not upgrade.ready and self._now >= upgrade.fails_at:
            if upgrade.pid:
                self._do(Kill(upgrade.pid, signal.SIGKILL))
            self._upgrade_failed(f"the new master was not ready within {UPGRADE_TIME:.0f} s")

    def _kill_late(self) -> None:
        for child in self.children.values():
            if self._now >= child.kill_at:
                child.kill_at = self._now + LATE
                self._do(Kill(child.pid, signal.SIGKILL))

    def _start_due(self) -> None:
        ripe = [due for due in self._due if due.at <= self._now]
        self._due = [due for due in self._due if due.at > self._now]
        for due in ripe:
            self._spawn(due.role, due.slot, due.generation)

    # Small words.

    def _do(self, *actions: Action) -> None:
        self._actions.extend(actions)

    def _log(self, level: Level, text: str) -> None:
        self._do(Log(level, text))

    def _answer(self, clients: list[int], text: str, *, done: bool = True) -> None:
        self._do(*(Answer(client, text, done) for client in clients if client))


def _how(status: int) -> str:
    """Say how a process ended, in nginx's words."""
    return f"exited on signal {-status}" if status < 0 else f"exited with code {status}"
