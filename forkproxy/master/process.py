"""The master does here what the supervisor decides: one thread, one loop, no wait anywhere else.

It forks, reaps, tells and kills; it owns the listeners, the scoreboard and the control socket. It
never opens the store and never starts gevent's hub.

The signals are nginx's: QUIT ends gracefully, TERM and INT at once, HUP reloads, USR1 reopens the
logs, USR2 replaces the running program, WINCH ends the workers gracefully. TTIN and TTOU make one
worker more and one less.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
from collections import deque
from collections.abc import Iterable

import setproctitle

from forkproxy import clock
from forkproxy.child.contract import Generation, MakeAcceptor
from forkproxy.errors import ConfigError
from forkproxy.master import certificates, events, hearing
from forkproxy.master.beats import LOOK, Beats
from forkproxy.master.births import Births
from forkproxy.master.channels import Channels
from forkproxy.master.columns import Columns
from forkproxy.master.daemon import Terminal
from forkproxy.master.decisions.ending import START_FAILED
from forkproxy.master.decisions.situation import Situation
from forkproxy.master.decisions.supervisor import Supervisor
from forkproxy.master.desk import Desk
from forkproxy.master.door import ControlError
from forkproxy.master.events import Command, Event, Loaded, Notice
from forkproxy.master.forks import kill
from forkproxy.master.generations import Generations, Load, give_logs
from forkproxy.master.holdings import Holdings
from forkproxy.master.listeners import Key, Listeners
from forkproxy.master.pidfile import PidFileError
from forkproxy.master.presence import Presence
from forkproxy.master.remembered import Remembered
from forkproxy.master.reply import Reply
from forkproxy.master.succession import Succession
from forkproxy.shared import cells, counters, environment, logfile, signals
from forkproxy.shared.channel import Channel, Message
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell, Row

WORKER_ROWS = 512  # of the scoreboard: workers that may live at once, draining ones included

COMMANDS = {
    signal.SIGHUP: Command.RELOAD,
    signal.SIGTERM: Command.STOP,
    signal.SIGINT: Command.STOP,
    signal.SIGQUIT: Command.QUIT,
    signal.SIGUSR1: Command.REOPEN,
    signal.SIGUSR2: Command.UPGRADE,
    signal.SIGWINCH: Command.IDLE,
    signal.SIGTTIN: Command.MORE,
    signal.SIGTTOU: Command.LESS,
}


class Master:
    """The process that everything else is a child of."""

    def __init__(self, load: Load, make_acceptor: MakeAcceptor, listeners: Listeners) -> None:
        self._holdings = self._acquire(load, listeners)
        self._situation = self._holdings.situation
        self._cells = self._holdings.cells
        self._channels = self._holdings.channels
        self._generations = self._holdings.generations
        rows = self._cells.board.rows
        self._supervisor = Supervisor(self._situation, Row.FIRST_WORKER, rows, Row.KEEPER)
        self._events: deque[Event] = deque()
        self._births = Births(self._holdings, make_acceptor, self._leave)
        self._desk = Desk(self._holdings, self._asked)
        self._cells.directory.reclaim = Columns(self._holdings, self._desk.counted).reclaim
        self._succession = Succession(self._holdings.selector, listeners, self._happened)
        self._beats = Beats()
        self._certificates = certificates.Watch()
        self._looked_at = clock.monotonic()
        self._presence = Presence(None)
        self._signals: signals.Signals | None = None
        self._code: int | None = None

    def _acquire(self, load: Load, listeners: Listeners) -> Holdings:
        situation = Situation()
        selector = selectors.DefaultSelector()
        found = cells.make(WORKER_ROWS)
        channels = Channels(selector, situation, self._understand)
        remembered = Remembered(found, channels)
        generations = Generations(load, listeners, found, remembered, situation)
        return Holdings(situation, selector, found, listeners, channels, remembered, generations)

    # The beginning. What fails here is told to whoever started us, before anything is forked.

    def take_over(self, predecessor: Channel) -> None:
        """Be the successor of the master at the other end."""
        self._holdings.remembered.restore(self._succession.follow(predecessor))

    def prepare(self, number: int, like: int = 0) -> Loaded:
        """Build a generation and bind what it listens on; `like` an earlier one, if not 0.

        Raises ConfigError, with everything as it was.
        """
        return self._generations.prepare(number, like)

    def warn_of_strangers(self, given: Iterable[Key]) -> None:
        """Say which listeners we were given that no `listen` names; they will be closed."""
        wanted = {listen.text for running in self._generations.all() for listen in running.listens}
        for text, _ in given:
            if text not in wanted:
                log.warn(f"we were given a listener at {text}, which the configuration lacks")

    def serve(self, first: Loaded, terminal: Terminal | None) -> int:
        """Run until the end; return the exit code."""
        self._presence = Presence(terminal)
        environment.keep_out()
        setproctitle.setproctitle("forkproxy: master")
        generation = self._generations[first.number]
        log.send_to(generation.targets)
        self._signals = signals.Signals((*COMMANDS, signal.SIGCHLD))
        self._holdings.selector.register(
            self._signals.fileno(), selectors.EVENT_READ, self._take_signals
        )
        try:
            self._desk.open(generation.settings.control, replace=self._succession.follows)
            self._presence.begin(generation)
            self._happened(first)
            while self._code is None:
                self._turn()
            return self._code
        except (ControlError, PidFileError) as error:
            log.emerg(str(error))
            return START_FAILED
        finally:
            self._leave_nothing()

    def _leave_nothing(self) -> None:
        self._desk.close()
        self._holdings.listeners.close()
        self._generations.close()
        self._holdings.selector.close()
        if self._signals is not None:
            self._signals.close()
        self._presence.end(self._code or START_FAILED)

    def _leave(self, generation: Generation) -> None:
        """Close, in a child, every descriptor of the master's but the listeners."""
        self._holdings.selector.close()
        if self._signals is not None:
            self._signals.close()
        self._channels.leave()
        self._succession.leave()
        self._desk.leave()
        self._presence.leave(generation)

    # The loop.

    def _turn(self) -> None:
        selector, now = self._holdings.selector, clock.monotonic()
        until = min(self._supervisor.wake_at(), self._looked_at + LOOK, self._desk.wake_at())
        for key, _ in selector.select(max(0.0, until - now)):
            # One that is ready may have ended by what another brought: a child's exit, say.
            if selector.get_map().get(key.fd) is key:
                key.data()
        self._happened(events.Tick())
        self._desk.look()
        if clock.monotonic() >= self._looked_at + LOOK:
            self._look()

    def _look(self) -> None:
        """Do what is done once a second."""
        now = self._looked_at = clock.monotonic()
        self._reap()  # should the word of a death have been lost
        children = self._situation.children.values()
        beats = {c.pid: self._cells.board.value(c.spawn.row, Cell.BEAT) for c in children}
        for pid in self._beats.look(beats):
            self._happened(events.Silent(pid))
        self._desk.sweep()
        self._look_at_certificates(now)
        self._holdings.remembered.keyvals.expire()
        self._holdings.remembered.write()

    def _look_at_certificates(self, now: float) -> None:
        serving = self._generations.certificates()
        changed = self._certificates.changed(serving, now)
        if changed:
            log.notice(f'certificate "{changed}" has changed: reloading')
            self._desk.note("certificate", f"{changed} has changed")
            self._desk.reload_the_same()
        for warning in self._certificates.warnings(serving, clock.wall()):
            log.warn(warning)

    def _happened(self, event: Event) -> None:
        """Let the supervisor decide on an event, and on those its actions bring."""
        self._events.append(event)
        if len(self._events) > 1:
            return  # we are called by an action of one that is under way
        while self._events:
            for action in self._supervisor.handle(self._events[0], clock.monotonic()):
                try:
                    self._act(action)
                except Exception as error:
                    # A mistake of ours in one step must not end what serves.
                    log.bug(f"in the master, at {action}", error)
            self._events.popleft()
        self._cells.store(Cell.RESPAWNS, self._situation.respawned)

    def _asked(self, command: Command, client: int, like: int = 0) -> None:
        self._happened(events.Asked(command, client, like))

    def _understand(self, pid: int, message: Message) -> None:
        """Take what a child says."""
        event = hearing.understand(pid, message, self._holdings, self._desk)
        if event is not None:
            self._happened(event)

    def _take_signals(self) -> None:
        assert self._signals is not None
        for number in self._signals.take():
            if number == signal.SIGCHLD:
                self._reap()
            else:
                log.notice(f"signal {number} ({signal.Signals(number).name}) received")
                self._happened(events.Asked(COMMANDS[signal.Signals(number)]))

    def _reap(self) -> None:
        while True:
            try:
                pid, ended = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._channels.hear(pid)  # its last words may say why
            self._happened(events.Exited(pid, os.waitstatus_to_exitcode(ended)))

    # Actions.

    def _act(self, action: events.Action) -> None:
        match action:
            case events.Load():
                self._load(action.number, action.like)
            case events.Spawn():
                self._happened(self._births.spawn(action))
            case events.Tell():
                self._tell(action)
            case events.Kill():
                kill(action.pid, action.signal)
            case events.Bury():
                self._bury(action)
            case events.Commit():
                self._commit(action.number)
            case events.Retire():
                self._generations.retire(action.number)
            case events.Resized():
                self._generations.trim()
            case events.CloseListeners():
                self._holdings.listeners.close()
            case events.HandOver():
                self._hand_over()
            case events.TakeBack():
                self._take_back()
            case events.Reopen():
                self._reopen()
            case events.Answer():
                status = 200 if action.done else 409
                self._desk.answer(action.client, Reply(action.text, status=status))
            case events.Notify():
                self._notify(action.notice)
            case events.Log():
                log.write(action.level, action.text)
                self._desk.note("master", action.text)
            case events.Exit():
                self._code = action.code

    def _load(self, number: int, like: int) -> None:
        try:
            self._happened(self.prepare(number, like))
        except ConfigError as error:
            self._happened(events.LoadFailed(error.reason + error.place))
        except Exception as error:
            # The configuration brought out a mistake of ours: the old one must go on all the same.
            log.bug("while loading the configuration", error)
            self._happened(events.LoadFailed(f"internal error: {error!r}"))

    def _tell(self, action: events.Tell) -> None:
        adopted = action.order is events.Order.ADOPT
        sockets = self._generations.own_sockets(action.slot) if adopted else []
        self._channels.order(action.pid, action.order, action.slot, sockets)

    def _bury(self, action: events.Bury) -> None:
        self._channels.close(action.pid)
        self._cells.bury(action.row)
        counters.bury(action.row)
        self._desk.forget(action.pid)
        self._channels.tell_keeper({"order": "buried"})

    def _commit(self, number: int) -> None:
        generation = self._generations.commit(number)
        self._desk.committed(generation)
        try:
            self._presence.move(generation)
            self._desk.open(generation.settings.control)
        except (PidFileError, ControlError) as error:
            log.error(str(error))
        log.notice(f"generation {number} serves with {generation.workers} workers")

    def _hand_over(self) -> None:
        event = self._succession.hand_over(self._holdings.remembered.kept())
        if isinstance(event, events.HandedOver):
            self._presence.step_aside()
        self._happened(event)

    def _take_back(self) -> None:
        self._presence.step_back()
        settings = self._generations.settings()
        with contextlib.suppress(ControlError):
            self._desk.open(settings.control if settings else None, replace=True)

    def _reopen(self) -> None:
        for failure in logfile.files.reopen():
            log.alert(failure)
        generation = self._generations.serving()
        if generation is not None:
            give_logs(generation)

    def _notify(self, notice: Notice) -> None:
        if self._succession.over:
            return  # systemd listens to the new master now
        self._presence.notify(notice, self._generations.serving())
        if notice is Notice.READY:
            self._succession.serve()
