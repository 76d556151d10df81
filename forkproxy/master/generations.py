"""The generations of this master: built, listened for, served by, and let go of."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from typing import Protocol

from forkproxy import clock
from forkproxy.child.contract import Generation
from forkproxy.config.settings import ProcessSettings
from forkproxy.errors import ConfigError
from forkproxy.master.decisions.situation import Situation
from forkproxy.master.events import Loaded
from forkproxy.master.history import History
from forkproxy.master.listeners import Listeners
from forkproxy.master.remembered import Remembered
from forkproxy.net.tls_certificate import Certificate
from forkproxy.shared import logfile
from forkproxy.shared.cells import Cells
from forkproxy.shared.errorlog import log


class Load(Protocol):
    """What builds a generation."""

    def __call__(self, number: int, texts: Mapping[str, str] | None = None, /) -> Generation:
        """Build one of its files, or of what such files have said. Raises ConfigError."""


class Generations:
    """Those that some process runs, or is about to, and the listeners they want."""

    def __init__(
        self,
        load: Load,
        listeners: Listeners,
        cells: Cells,
        remembered: Remembered,
        situation: Situation,
    ) -> None:
        self._load = load
        self._listeners = listeners
        self._cells = cells
        self._remembered = remembered
        self._situation = situation
        self._running: dict[int, Generation] = {}  # by number
        self.history = History()

    def prepare(self, number: int, like: int = 0) -> Loaded:
        """Build a generation and bind what it listens on; `like` an earlier one, if not 0.

        Raises ConfigError, with everything as it was.
        """
        try:
            loaded = self._prepared(number, like)
        except ConfigError as error:
            reason = error.reason + error.place
            self.history.not_loaded(number, clock.wall(), like, reason)
            raise
        self.history.loaded(number, clock.wall(), like, self._running[number].texts())
        return loaded

    def _prepared(self, number: int, like: int) -> Loaded:
        generation = self._load(number, self._texts(like)) if like else self._load(number)
        self._remembered.recall(generation)
        try:
            self._allot(generation)
            self._listeners.bind(generation.listens, generation.workers)
        except ConfigError:
            generation.close()
            raise
        self._running[number] = generation
        self._remembered.adopt(generation)
        give_logs(generation)
        _freeze()
        return self._loaded(generation, like)

    def _texts(self, number: int) -> Mapping[str, str]:
        try:
            return self.history.texts(number)
        except KeyError as error:
            raise ConfigError(str(error.args[0])) from None

    def _allot(self, generation: Generation) -> None:
        """Give columns of the scoreboard to all that is counted."""
        tallies = [(tally.kind, tally.name) for tally in generation.tallies]
        peers = self._remembered.roster.names(generation.upstreams)
        self._cells.directory.allot(peers, tallies)

    def _loaded(self, generation: Generation, like: int) -> Loaded:
        number, workers = generation.number, generation.workers
        own = any(listen.reuseport for listen in generation.listens)
        texts = ", ".join(self._listeners.texts())
        again = f" as generation {like} had it" if like else ""
        text = f"generation {number}{again}, {workers} workers, {texts}"
        return Loaded(number, workers, generation.settings.worker_shutdown_timeout, own, text)

    # What there is.

    def __getitem__(self, number: int) -> Generation:
        return self._running[number]

    def all(self) -> Sequence[Generation]:
        """Return all of them."""
        return tuple(self._running.values())

    def serving(self) -> Generation | None:
        """Return the one that serves; None before the first."""
        return self._running.get(self._situation.generation)

    def settings(self) -> ProcessSettings | None:
        """Return the settings of the one that serves."""
        generation = self.serving()
        return generation.settings if generation is not None else None

    def certificates(self) -> Sequence[Certificate]:
        """Return the certificates of the one that serves."""
        generation = self.serving()
        return generation.certificates if generation is not None else ()

    # Listeners.

    def bind_slot(self, number: int, slot: int) -> None:
        """Open what a worker accepts from that is more than the configuration asks for."""
        generation = self._running[number]
        if slot >= generation.workers:
            self._listeners.bind(generation.listens, slot + 1)

    def own_sockets(self, slot: int) -> list[tuple[str, int]]:
        """Return the sockets that only the worker of a slot accepts from: texts and descriptors."""
        generation = self._running[self._situation.generation]
        own = [listen for listen in generation.listens if listen.reuseport]
        sockets = self._listeners.of(own, slot)
        return [(text, sock.fileno()) for text, found in sockets.items() for sock in found]

    def trim(self) -> None:
        """Close the listeners that neither the generation in use nor one to come wants."""
        current = self._situation.generation
        wanted = {}
        slots = self._situation.workers
        for number, generation in sorted(self._running.items()):
            if number >= current:
                wanted.update({listen.text: listen for listen in generation.listens})
            if number > current:
                slots = max(slots, generation.workers)
        if self._listeners.texts():
            self._listeners.keep(tuple(wanted.values()), slots)

    # From the first worker that is ready to the last that is gone.

    def commit(self, number: int) -> Generation:
        """Let one be the one that serves; return it."""
        generation = self._running[number]
        self.history.committed(number)
        self._remembered.roster.commit(number)
        log.send_to(generation.targets)
        self.trim()
        return generation

    def retire(self, number: int) -> None:
        """Let go of one that nobody runs any more."""
        self._running.pop(number).close()
        self.history.retired(number, "its workers did not come up")
        self._remembered.roster.retire(number)
        self.trim()

    def close(self) -> None:
        """Let go of all: the master ends."""
        for generation in self._running.values():
            generation.close()


def give_logs(generation: Generation) -> None:
    """Let the children reopen the logs, once they are who they should be."""
    account = generation.settings.user
    if account is not None and os.geteuid() == 0:
        logfile.files.give_to(account.uid, account.gid)


def _freeze() -> None:
    """Keep what is there now out of collections, whose marks would copy the pages we share."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
