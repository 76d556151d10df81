"""How things stand with the master: what each of its decisions looks at, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from forkproxy.master.events import Action, Answer, Loaded, Log, Role, Spawn
from forkproxy.shared.errorlog import Level

NEVER = float("inf")


class State(Enum):
    """What the master is about; supervisor.py says what each means."""

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
class Situation:
    """The state of the master, and the actions that the event at hand brings.

    Attributes:
        generation: the number of the one that serves, 0 before the first.
        workers: how many there should be.
        idle: there should be none until the next reload.
        children: by pid.
        loaded: by number, the generations that are in use or on their way up.
        respawned: children replaced after they died, ever.
        last_reload: what the last reload came to, as a sentence; "" before the first.
        now: monotonic seconds at which the event happened.
        actions: what was decided on it, in order.
    """

    state: State = State.STARTING
    generation: int = 0
    workers: int = 0
    idle: bool = False
    children: dict[int, Child] = field(default_factory=dict)
    loaded: dict[int, Loaded] = field(default_factory=dict)
    respawned: int = 0
    last_reload: str = ""
    now: float = 0.0
    actions: list[Action] = field(default_factory=list)

    def all_workers(self) -> list[Child]:
        """Return the workers of all generations."""
        return [child for child in self.children.values() if child.worker]

    def current_workers(self) -> list[Child]:
        """Return the workers of the generation that serves."""
        return self.workers_of(self.generation)

    def workers_of(self, generation: int) -> list[Child]:
        """Return the workers of a generation."""
        return [one for one in self.all_workers() if one.spawn.generation == generation]

    def keepers(self) -> list[Child]:
        """Return the keeper, and nobody while there is none."""
        return [child for child in self.children.values() if not child.worker]

    def do(self, *actions: Action) -> None:
        """Decide on these, after what was decided before."""
        self.actions.extend(actions)

    def log(self, level: Level, text: str) -> None:
        """Decide to write a line of the error log."""
        self.do(Log(level, text))

    def answer(self, clients: list[int], text: str, *, done: bool = True) -> None:
        """Decide to answer who asked; 0 stands for a signal, which nobody waits for."""
        self.do(*(Answer(client, text, done) for client in clients if client))

    def refuse(self, client: int) -> None:
        """Decide to answer that it cannot be done in this state."""
        self.answer([client], f"not now: {self.state.value}", done=False)
