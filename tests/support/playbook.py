"""The master's decisions as a conversation: events, and the actions they bring."""

from itertools import count

from forkproxy.master.decisions.situation import Situation, Stage
from forkproxy.master.decisions.supervisor import Supervisor
from forkproxy.master.events import (
    Asked,
    Command,
    Forked,
    Load,
    Loaded,
    Ready,
    Role,
    Spawn,
)


class Playbook:
    """A supervisor whose forks succeed at once, and whose clock a test moves."""

    def __init__(self, rows=66):
        self.situation = Situation()
        self.supervisor = Supervisor(self.situation, 2, rows, 1)
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
                for pid, child in self.situation.children.items()
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
            for pid, child in self.situation.children.items()
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
