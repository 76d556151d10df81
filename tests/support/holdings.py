"""What a master holds, for tests of its parts; of children there are the channels alone."""

import contextlib
import json
import selectors

from forkproxy.master.channels import Channels
from forkproxy.master.decisions.situation import Child, Situation, Stage
from forkproxy.master.events import Role, Spawn
from forkproxy.master.generations import Generations
from forkproxy.master.holdings import Holdings
from forkproxy.master.listeners import Listeners
from forkproxy.master.remembered import Remembered
from forkproxy.shared import cells
from forkproxy.shared.channel import pair
from forkproxy.shared.scoreboard import Row
from tests.support.echo import load_from
from tests.support.sockets import free_port


class House:
    """Holdings, and what children have said; its generations are those of FOLDER/conf.json."""

    def __init__(self, folder, **conf):
        self.folder = folder
        self.port = free_port()
        self.write(**({"ports": [self.port]} | conf))
        self.heard = []
        self.loaded = []
        self.ends = {}
        selector = selectors.DefaultSelector()
        situation = Situation()
        made = cells.make(4)
        channels = Channels(selector, situation, lambda *said: self.heard.append(said))
        remembered = Remembered(made, channels)
        listeners = Listeners()
        generations = Generations(self.load, listeners, made, remembered, situation)
        self.holdings = Holdings(
            situation, selector, made, listeners, channels, remembered, generations
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.holdings.channels.leave()
        self.holdings.listeners.close()
        self.holdings.generations.close()
        self.holdings.selector.close()
        for end in self.ends.values():
            end.close()

    def write(self, **conf):
        """Write the configuration, for the next load."""
        (self.folder / "conf.json").write_text(json.dumps(conf))

    def load(self, number):
        self.loaded.append(load_from(self.folder)(number))
        return self.loaded[-1]

    def serve(self, number=1):
        """Let a generation be loaded, and be the one that serves."""
        loaded = self.holdings.generations.prepare(number)
        self.holdings.situation.generation = number
        self.holdings.situation.workers = loaded.workers
        self.holdings.generations.commit(number)
        return loaded

    def worker(self, pid, slot=0, generation=1):
        """Have a worker that is ready; return the test's end of its channel."""
        row = int(Row.FIRST_WORKER) + slot
        self.holdings.cells.board.claim(row)
        return self._child(pid, Spawn(Role.WORKER, slot, generation, row))

    def keeper(self, pid, generation=1):
        """Have a keeper that is ready; return the test's end of its channel."""
        return self._child(pid, Spawn(Role.KEEPER, -1, generation, int(Row.KEEPER)))

    def _child(self, pid, spawn):
        ours, self.ends[pid] = pair()
        self.holdings.situation.children[pid] = Child(pid, spawn, 0.0, Stage.READY)
        self.holdings.channels.open(pid, ours)
        return self.ends[pid]

    def told(self, pid):
        """Return the messages that a child was told and has not read yet."""
        messages = []
        with contextlib.suppress(BlockingIOError):
            while (heard := self.ends[pid].receive()) is not None:
                messages.append(heard[0])
        return messages

    def turn(self):
        """Take what has come."""
        for key, _ in self.holdings.selector.select(0.0):
            key.data()
