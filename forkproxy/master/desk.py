"""The desk: where administrators are answered, and what they ask is begun.

They come over the control socket, or by way of a worker, where a location has `api`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from forkproxy import clock
from forkproxy.child.contract import Generation
from forkproxy.config.load import Config
from forkproxy.config.settings import ControlSocket
from forkproxy.features import limit_req
from forkproxy.master import certificates, status
from forkproxy.master.acknowledgements import Acknowledgements, laggards
from forkproxy.master.administration import Level
from forkproxy.master.asides import Asides
from forkproxy.master.control import Control
from forkproxy.master.counted import Counted
from forkproxy.master.decisions.situation import Stage
from forkproxy.master.dumps import Dumps
from forkproxy.master.events import Command
from forkproxy.master.facts import Facts
from forkproxy.master.happenings import Happenings
from forkproxy.master.history import History
from forkproxy.master.holdings import Holdings
from forkproxy.master.idleness import Idleness
from forkproxy.master.questions import Questions
from forkproxy.master.reply import Reply
from forkproxy.master.transactions import Transactions
from forkproxy.net.tls_certificate import Certificate
from forkproxy.shared.channel import Message
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell

LAST_WORD = 1.0  # seconds for the answers on the control socket when the master ends


class Desk:
    """What administration.Master asks for, and who waits for an answer.

    Attributes:
        managed: what the keeper has said last of the certificates that it looks after.
    """

    def __init__(self, holdings: Holdings, begin: Callable[[Command, int, int], None]) -> None:
        """`begin` takes a command, the client that is to have the answer, and what to be like."""
        self.managed: list[dict[str, Any]] = []
        self.counted = Counted(holdings.cells)
        self.keyvals = holdings.remembered.keyvals
        self.roster = holdings.remembered.roster
        self.happenings = Happenings()
        self.roster.happened = partial(self.note, "peer")
        self._began_at = clock.monotonic()
        self._loaded_at = clock.wall()
        self._situation = holdings.situation
        self._generations = holdings.generations
        self._listeners = holdings.listeners
        self._cells = holdings.cells
        self._channels = holdings.channels
        self._begin = begin
        self.transactions = Transactions()
        self._reworded: dict[int, Callable[[Reply], Reply]] = {}  # by who gets the answer
        self._control = Control(self, holdings.selector, clock.monotonic)
        self._dumps = Dumps()
        self._idleness = Idleness()
        self._asides = Asides(holdings.selector, self.answer, clock.monotonic)
        self._questions = Questions(self, self._control.next_number, self._channels.say)
        self._acknowledgements = Acknowledgements(self.answer, clock.monotonic)

    # Opening hours.

    def open(self, given: ControlSocket | None, *, replace: bool = False) -> None:
        """Serve at this socket, None for at none. Raises ControlError, with nothing changed."""
        if given is None:
            self._control.close()
        else:
            level = Level[given.level.upper()]
            self._control.open(given.path, given.mode, given.group, level, replace=replace)

    def close(self) -> None:
        """Give the last answers; the master ends."""
        self._control.finish(LAST_WORD)
        self._control.close()

    def leave(self) -> None:
        """Close our descriptors and touch nothing else: in a child."""
        self._control.leave()
        self._asides.leave()

    def sweep(self) -> None:
        """Do what is done once a second."""
        self._control.sweep()
        self._asides.sweep()
        self.counted.look(clock.monotonic())
        self._idleness.look(self._worker_pids(), clock.monotonic())
        self._answer_dumps()

    def look(self) -> None:
        """Give the answers that need wait no longer."""
        self._acknowledgements.look()

    def wake_at(self) -> float:
        """Return when to look again, in monotonic seconds; infinite for never."""
        return self._acknowledgements.wake_at()

    # Answers that took their time.

    def answer(self, client: int, reply: Reply) -> None:
        """Answer who asked: on the control socket, or by way of a worker."""
        if (reworded := self._reworded.pop(client, None)) is not None:
            reply = reworded(reply)
        if not self._questions.answer(client, reply):
            self._control.answer(client, reply)

    def answer_part(self, client: int, pid: int, text: str) -> None:
        """Take what one process has to say to a question that was put to many."""
        self._dumps.add(client, pid, text)
        self._answer_dumps()

    def _answer_dumps(self) -> None:
        for client, text in self._dumps.finished(clock.monotonic()):
            self.answer(client, Reply(text))

    def question(self, pid: int, message: Message) -> None:
        """Answer what a client has asked a worker."""
        try:
            self._questions.ask(pid, message)
        except Exception as error:
            log.bug(f"at a question of process {pid}", error)

    def committed(self, generation: Generation) -> None:
        """Take note that a generation serves."""
        self._loaded_at = clock.wall()
        if not generation.managed:
            self.managed = []  # else the keeper will say

    def forget(self, pid: int) -> None:
        """Forget the questions of a worker that is gone."""
        self._questions.forget(pid)

    # What we are.

    def facts(self) -> Facts:
        """Return what is known of us at this moment."""
        now = clock.wall()
        situation, settings = self._situation, self._generations.settings()
        workers = [
            (child.spawn.slot, child.pid, child.spawn.row, child.spawn.generation)
            for child in situation.all_workers()
            if child.stage is Stage.READY
        ]
        return Facts(
            pid=os.getpid(),
            ppid=os.getppid(),
            generation=situation.generation,
            respawned=situation.respawned,
            began_at=now - (clock.monotonic() - self._began_at),
            loaded_at=self._loaded_at,
            now=now,
            listens=tuple(self._listeners.texts()),
            workers=tuple(sorted(workers)),
            worker_connections=settings.worker_connections if settings is not None else 0,
            reloaded=not situation.last_reload.startswith("failed"),
        )

    def idle(self) -> int:
        """Return for how much of the last second workers had nothing to do, in percent."""
        return self._idleness.percent

    def status(self) -> dict[str, Any]:
        """Return all that is known of us."""
        now = clock.monotonic()
        return status.status(
            self._situation,
            self._cells,
            pid=os.getpid(),
            uptime=now - self._began_at,
            now=now,
            listens=self._listeners.texts(),
            settings=self._generations.settings(),
            certificates=self.shown_certificates(),
            removed=self.roster.removed(),
        )

    def workers(self) -> list[dict[str, Any]]:
        """Return one row for each worker."""
        return status.workers(self._situation, self._cells, clock.monotonic())

    # What is begun here, and answered later.

    def ask(self, command: Command, client: int) -> None:
        """Begin what a client asks for."""
        self._begin(command, client, 0)

    def configuration(self) -> Config | None:
        """Return that of the generation that serves."""
        generation = self._generations.serving()
        return generation.config if generation is not None else None

    def note(self, kind: str, text: str) -> None:
        """Take note of what has happened; `kind` is one of happenings.KINDS."""
        self.happenings.note(kind, text, clock.wall())

    @property
    def history(self) -> History:
        """What has been loaded."""
        return self._generations.history

    def rollback(self, number: int, client: int) -> None:
        """Load what an earlier generation had; the answer comes later."""
        self._begin(Command.ROLLBACK, client, number)

    def reload_the_same(self, client: int = 0) -> None:
        """Load what serves once more, since certificates have changed: not what was rolled back."""
        held = self.history.held()
        self._begin(Command.ROLLBACK if held else Command.RELOAD, client, held)

    def reload(self, client: int, reworded: Callable[[Reply], Reply]) -> None:
        """Reload for a client, whose answer is to be in other words."""
        self._reworded[client] = reworded
        self.reload_the_same(client)

    def certificates(self) -> Sequence[Certificate]:
        """Return the certificates of the generation that serves."""
        return self._generations.certificates()

    def shown_certificates(self) -> Sequence[dict[str, Any]]:
        """Return a row for each of them, and for those that the keeper looks after."""
        return certificates.shown(self.certificates(), self.managed, clock.wall())

    def ask_keeper(self, order: str, words: Sequence[str], client: int) -> bool:
        """Ask the keeper something that it answers later; return whether there is one."""
        for child in self._situation.keepers():
            if order == "cache" and words[0] in ("purge", "pin", "unpin"):
                self.note("cache", " ".join(words))
            message = {"order": order, "client": client, "words": list(words)}
            self._channels.say(child.pid, message)
            return True
        return False

    def aside(self, client: int, make: Callable[[], Reply]) -> Reply | None:
        """Have an answer made by a child; it comes later, or is refused."""
        return self._asides.ask(client, make)

    def dump(self, client: int) -> None:
        """Ask every child what it is doing."""
        pids = list(self._channels.pids())
        self._dumps.begin(client, pids, clock.monotonic())
        for pid in pids:
            self._channels.say(pid, {"order": "dump", "client": client})

    def limits(self) -> Mapping[str, list[Any]]:
        """Return the lines of limit_req of the generation that serves, by zone."""
        generation = self._generations.serving()
        return generation.limits if generation is not None else {}

    def limit(self, zone: str, frequency: int, client: int) -> None:
        """Let a zone of limit_req have another rate; answer when all workers have it."""
        for generation in self._generations.all():  # later workers are forked from these
            if lines := generation.limits.get(zone):
                limit_req.change(lines, frequency)
        self._dumps.begin(client, self._worker_pids(), clock.monotonic(), bare=True)
        order = {"order": "limit", "client": client, "zone": zone, "frequency": frequency}
        self._channels.tell_workers(order)

    def sessions(self, client: int) -> None:
        """List the requests under way; the answer comes later."""
        self._dumps.begin(client, self._worker_pids(), clock.monotonic(), bare=True)
        self._channels.tell_workers({"order": "sessions", "client": client})

    def end_session(self, pid: int, number: int, client: int, otherwise: str) -> bool:
        """Close a client's connection to a worker, and answer later; False for no such worker."""
        if pid not in self._worker_pids():
            return False
        self._dumps.begin(client, [pid], clock.monotonic(), bare=True)
        order = {"order": "shutdown", "client": client, "number": number, "otherwise": otherwise}
        self._channels.say(pid, order)
        return True

    def end_sessions(self, upstream: str, key: str, client: int) -> None:
        """Close the connections of clients that a peer serves; the answer comes later."""
        self._dumps.begin(client, self._worker_pids(), clock.monotonic())
        order = {"order": "kill", "client": client, "upstream": upstream, "key": key}
        self._channels.tell_workers(order)

    def _worker_pids(self) -> list[int]:
        return [child.pid for child in self._situation.all_workers()]

    # What all workers must have carried out first.

    def keyvals_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of keyvals; None: later."""
        return self._when_applied(client, reply, Cell.KEYVALS_APPLIED, self.keyvals.number)

    def peers_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of peers; None: later."""
        return self._when_applied(client, reply, Cell.PEERS_APPLIED, self.roster.number)

    def _when_applied(self, client: int, reply: Reply, cell: Cell, number: int) -> Reply | None:
        behind = partial(laggards, self._situation, self._cells, cell, number)
        return self._acknowledgements.wait(client, reply, behind)
