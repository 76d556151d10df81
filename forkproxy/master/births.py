"""From the supervisor's order to a child: what it has of us, and what it must not have."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from forkproxy.child.contract import Generation, MakeAcceptor, Sockets
from forkproxy.child.life import Life
from forkproxy.child.privileges import PrivilegeError
from forkproxy.child.settle import settle
from forkproxy.errors import ConfigError
from forkproxy.keeper import main as keeper
from forkproxy.keeper.certificates import prepare
from forkproxy.master import forks
from forkproxy.master.events import Forked, ForkFailed, Role, Spawn
from forkproxy.master.holdings import Holdings
from forkproxy.net import tasks
from forkproxy.shared import channel
from forkproxy.shared.channel import Channel, ChannelError
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell
from forkproxy.worker import main as worker


class Births:
    """Brings children into the world."""

    def __init__(
        self,
        holdings: Holdings,
        make_acceptor: MakeAcceptor,
        leave: Callable[[Generation], None],
    ) -> None:
        """`leave` closes in a child all that is the master's, but for listeners."""
        self._generations = holdings.generations
        self._listeners = holdings.listeners
        self._cells = holdings.cells
        self._remembered = holdings.remembered
        self._channels = holdings.channels
        self._make_acceptor = make_acceptor
        self._leave = leave

    def spawn(self, spawn: Spawn) -> Forked | ForkFailed:
        """Fork a child, and listen to it."""
        ours, theirs = channel.pair()

        def live() -> int:
            ours.close()
            return self._live(spawn, theirs)

        try:
            self._generations.bind_slot(spawn.generation, spawn.slot)
            self._claim(spawn.row)
            assert not tasks.hub_started(), "gevent's hub was started in the master"
            pid = forks.child(live)
        except (OSError, ConfigError) as error:
            ours.close()
            return ForkFailed(spawn, f"fork() failed: {error}")
        finally:
            theirs.close()
        self._channels.open(pid, ours)
        return Forked(pid, spawn, self._cells.board.value(spawn.row, Cell.REQUESTS))

    def _claim(self, row: int) -> None:
        """Make a row of the scoreboard ready; the child inherits what is true now."""
        board = self._cells.board
        board.claim(row)
        board.store(row, Cell.BEAT, 0)
        board.store(row, Cell.KEYVALS_APPLIED, self._remembered.keyvals.number)
        board.store(row, Cell.PEERS_APPLIED, self._remembered.roster.number)

    # In the child.

    def _live(self, spawn: Spawn, theirs: Channel) -> int:
        """Live a child's life; return the exit code."""
        try:
            return self._begin(spawn, theirs)
        except PrivilegeError as error:
            _say_failed(theirs, str(error))
        except BaseException as error:
            log.bug(f"in a {spawn.role.value}", error)
            _say_failed(theirs, repr(error))
        return forks.FAILED

    def _begin(self, spawn: Spawn, theirs: Channel) -> int:
        """Close what is not ours, become who we should be, and do the work."""
        generation = self._generations[spawn.generation]
        sockets: Sockets = {}
        if spawn.role is Role.WORKER:
            sockets = self._listeners.of(generation.listens, spawn.slot)
        self._leave(generation)
        self._listeners.release([sock for found in sockets.values() for sock in found])
        log.send_to(generation.targets)
        life = Life(theirs, self._cells.of(spawn.row))
        if spawn.role is Role.KEEPER:
            prepare(generation.managed)
        settle(generation.settings, spawn.slot)
        life.begin(f"{_title(spawn)} (generation {spawn.generation})")
        if spawn.role is Role.KEEPER:
            return self._keep(life, generation)
        return worker.run(life, generation, sockets, self._make_acceptor)

    def _keep(self, life: Life, generation: Generation) -> int:
        return keeper.run(
            life,
            generation.state_path,
            self._remembered.kept,
            generation.number,
            generation.upstreams,
            generation.managed,
        )


def _title(spawn: Spawn) -> str:
    return "keeper" if spawn.role is Role.KEEPER else f"worker {spawn.slot}"


def _say_failed(theirs: Channel, text: str) -> None:
    with contextlib.suppress(ChannelError):
        theirs.send({"event": "failed", "text": text})
