"""What is changed while we run and outlives us: peers, keyvals, bans, what limits have counted.

So does what the keeper has found out of peers. It writes each change down as it is told. What it
had written before the first generation is read by a child that ends at once, since the master may
open no store; after an upgrade, the old master says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from forkproxy import clock
from forkproxy.child.contract import Generation
from forkproxy.child.settle import settle
from forkproxy.keeper import findings, kept
from forkproxy.keeper.findings import Findings
from forkproxy.master import forks
from forkproxy.master.channels import Channels
from forkproxy.master.keyvals import Keyvals
from forkproxy.master.roster import Roster
from forkproxy.shared import lasting, store
from forkproxy.shared.cells import Cells
from forkproxy.shared.channel import Message
from forkproxy.shared.scoreboard import Row

RECALL_TIME = 5.0  # seconds to read what an earlier run has kept


class Remembered:
    """The truth about it; processes have copies, and the keeper writes it down."""

    def __init__(self, cells: Cells, channels: Channels) -> None:
        self._channels = channels
        self.keyvals = Keyvals(channels.tell_workers, self._keep, clock.monotonic, clock.wall)
        self.roster = Roster(cells, channels.tell_all, self._keep)
        self._lasting = lasting.Restored()
        self._cells = cells
        self._recalled = False
        self._found: dict[str, int] = {}  # of peers, by their names, until the first generation

    # Generations.

    def adopt(self, generation: Generation) -> None:
        """Give a generation what was changed, and have what it adds; its columns exist."""
        self.roster.adopt(generation.number, generation.upstreams, generation.zones)
        self.keyvals.adopt(generation.keyvals.values())
        self._lasting.fill()
        # No keeper runs yet who has written there: later we know nothing that it does not.
        findings.restore(self._found, Findings(self._cells.of(Row.KEEPER)), generation.upstreams)
        self._found = {}

    # What outlives us.

    def recall(self, generation: Generation) -> None:
        """Take what an earlier run has kept, once, before anybody is served without it."""
        folder = Path(generation.state_path)
        if self._recalled:
            return
        if not generation.state_path or not store.has_state(folder):
            self.restore({})
            return

        def question() -> Message:
            settle(generation.settings, 0)
            return {"kept": kept.recall(folder), "found": findings.recall(folder)}

        answer = forks.ask("what was kept", question, RECALL_TIME)
        self.restore(dict(answer["kept"]) if answer is not None else {})
        self._found = dict(answer["found"]) if answer is not None else {}

    def restore(self, texts: dict[str, str]) -> None:
        """Take what was kept."""
        self._recalled = True
        self.keyvals.restore(texts)
        self.roster.restore(texts)
        self._lasting.take(texts)

    def kept(self) -> dict[str, str]:
        """Return all that is to be kept."""
        return self.keyvals.kept() | self.roster.kept() | lasting.kept()

    def write(self) -> None:
        """Have the keeper write the state files that are out of date."""
        for path, text in self._unwritten():
            self._channels.tell_keeper({"order": "write", "path": path, "text": text})

    def _unwritten(self) -> Iterator[tuple[str, str]]:
        yield from self.keyvals.unwritten()
        yield from self.roster.unwritten()

    def _keep(self, put: dict[str, str], delete: list[str]) -> None:
        self._channels.tell_keeper({"order": "keep", "put": put, "delete": delete})
