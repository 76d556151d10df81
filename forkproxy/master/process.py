"""The master does here what the supervisor decides: one thread, one loop, no wait anywhere else.

It forks, reaps, tells and kills; it owns the listeners, the scoreboard and the control socket. It
never opens the store and never starts gevent's hub.

The signals are nginx's: QUIT ends gracefully, TERM and INT at once, HUP reloads, USR1 reopens the
logs, USR2 replaces the running program, WINCH ends the workers gracefully. TTIN and TTOU make one
worker more and one less.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import selectors
import signal
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import setproctitle

from forkproxy import clock
from forkproxy.acme.managed import take_up
from forkproxy.child.contract import Generation, MakeAcceptor
from forkproxy.child.life import Life
from forkproxy.child.privileges import PrivilegeError
from forkproxy.child.settle import settle
from forkproxy.config.settings import ControlSocket, ProcessSettings
from forkproxy.errors import ConfigError
from forkproxy.keeper import kept
from forkproxy.keeper import main as keeper
from forkproxy.keeper.certificates import prepare
from forkproxy.master import certificates, events, status, systemd, upgrade
from forkproxy.master.acknowledgements import Acknowledgements
from forkproxy.master.beats import LOOK, Beats
from forkproxy.master.commands import Level
from forkproxy.master.control import Control, ControlError
from forkproxy.master.counted import Counted
from forkproxy.master.daemon import Terminal, redirect_errors
from forkproxy.master.decisions.ending import START_FAILED
from forkproxy.master.decisions.situation import Situation, Stage
from forkproxy.master.decisions.supervisor import Supervisor
from forkproxy.master.dumps import Dumps
from forkproxy.master.events import Command, Event, Loaded, Role
from forkproxy.master.facts import Facts
from forkproxy.master.keyvals import Keyvals
from forkproxy.master.listeners import ENVIRONMENT, Key, Listeners, address_text, inherited
from forkproxy.master.pidfile import PidFile, PidFileError
from forkproxy.master.questions import Questions
from forkproxy.master.reply import Reply
from forkproxy.master.roster import Roster
from forkproxy.net import tasks
from forkproxy.shared import cells, channel, counters, lasting, logfile, signals, store
from forkproxy.shared.channel import Channel, ChannelError, Message
from forkproxy.shared.errorlog import Target, log
from forkproxy.shared.scoreboard import Cell, Row
from forkproxy.worker import main as worker

WORKER_ROWS = 512  # of the scoreboard: workers that may live at once, draining ones included
RECALL_TIME = 5.0  # seconds to read what an earlier run has kept
LAST_WORD = 1.0  # seconds for the answers on the control socket when the master ends

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

Load = Callable[[int], Generation]


class Master:
    """The process that everything else is a child of."""

    def __init__(self, load: Load, make_acceptor: MakeAcceptor, listeners: Listeners) -> None:
        self._load_next = load
        self._make_acceptor = make_acceptor
        self._listeners = listeners
        self._cells = cells.make(WORKER_ROWS)
        self._cells.directory.reclaim = self._reclaim
        self.counted = Counted(self._cells)
        rows = self._cells.board.rows
        self._situation = Situation()
        self._supervisor = Supervisor(self._situation, Row.FIRST_WORKER, rows, Row.KEEPER)
        self._began_at = clock.monotonic()
        self._loaded_at = clock.wall()
        self._looked_at = self._began_at
        self._running: dict[int, Generation] = {}  # by number: those that some process runs
        self._channels: dict[int, Channel] = {}
        self._beats = Beats()
        self._dumps = Dumps()
        self._certificates = certificates.Watch()
        self._managed: list[dict[str, Any]] = []  # what the keeper has said last
        self._events: deque[Event] = deque()
        self._selector = selectors.DefaultSelector()
        self._control = Control(self, self._selector, clock.monotonic)
        self._questions = Questions(self, self._control.next_number, self._say)
        self._acknowledgements = Acknowledgements(self._answer, clock.monotonic)
        self.keyvals = Keyvals(self._tell_workers, self._keep, clock.monotonic, clock.wall)
        self._lasting = lasting.Restored()
        self._pidfile = PidFile("")
        self.roster = Roster(self._cells, self._tell_children, self._keep)
        self._terminal: Terminal | None = None
        self._predecessor: Channel | None = None
        self._successor: Channel | None = None
        self._succeeded = False
        self._signals: signals.Signals | None = None
        self._recalled = False
        self._code: int | None = None

    # The beginning. What fails here is told to whoever started us, before anything is forked.

    def prepare(self, number: int) -> Loaded:
        """Build a generation and bind what it listens on.

        Raises ConfigError, with everything as it was.
        """
        generation = self._load_next(number)
        if not self._recalled:
            self._restore(self._recall(generation))
        try:
            tallies = [(tally.kind, tally.name) for tally in generation.tallies]
            peers = self.roster.names(generation.upstreams)
            self._cells.directory.allot(peers, tallies)
            self._listeners.bind(generation.listens, generation.workers)
        except ConfigError:
            generation.close()
            raise
        self._running[number] = generation
        self.roster.adopt(number, generation.upstreams, generation.zones)
        self.keyvals.adopt(generation.keyvals.values())
        self._lasting.fill()
        _give_logs(generation)
        _freeze()
        settings = generation.settings
        own = any(listen.reuseport for listen in generation.listens)
        text = _news(self._listeners.texts(), generation)
        return events.Loaded(
            number, generation.workers, settings.worker_shutdown_timeout, own, text
        )

    def warn_of_strangers(self, given: Iterable[Key]) -> None:
        """Say which listeners we were given that no `listen` names; they will be closed."""
        wanted = {listen.text for running in self._running.values() for listen in running.listens}
        for text, _ in given:
            if text not in wanted:
                log.warn(f"we were given a listener at {text}, which the configuration lacks")

    def take_over(self, predecessor: Channel | None) -> None:
        """Be the successor of the master at the other end."""
        self._predecessor = predecessor
        if predecessor is not None:
            self._restore(upgrade.read_kept(predecessor))

    def serve(self, first: Loaded, terminal: Terminal | None) -> int:
        """Run until the end; return the exit code."""
        self._terminal = terminal
        store.keep_out()
        setproctitle.setproctitle("forkproxy: master")
        generation = self._running[first.number]
        log.send_to(generation.targets)
        self._signals = signals.Signals((*COMMANDS, signal.SIGCHLD))
        self._watch(self._signals.fileno(), self._take_signals)
        try:
            self._open_administration(generation)
            self._happened(first)
            while self._code is None:
                self._turn()
            return self._code
        except (ControlError, PidFileError) as error:
            log.emerg(str(error))
            return START_FAILED
        finally:
            self._leave_nothing()

    def _open_administration(self, generation: Generation) -> None:
        settings = generation.settings
        self._open_control(settings.control, replace=self._predecessor is not None)
        self._pidfile = PidFile(settings.pid_path)
        self._pidfile.write()

    def _open_control(self, given: ControlSocket | None, *, replace: bool = False) -> None:
        if given is None:
            self._control.close()
        else:
            level = Level[given.level.upper()]
            self._control.open(given.path, given.mode, given.group, level, replace=replace)

    def _leave_nothing(self) -> None:
        self._control.finish(LAST_WORD)
        self._control.close()
        self._pidfile.remove()
        self._listeners.close()
        for generation in self._running.values():
            generation.close()
        self._selector.close()
        if self._signals is not None:
            self._signals.close()
        if self._terminal is not None:
            self._terminal.tell(self._code or START_FAILED)

    # The loop.

    def _turn(self) -> None:
        now = clock.monotonic()
        until = min(
            self._supervisor.wake_at(), self._looked_at + LOOK, self._acknowledgements.wake_at()
        )
        for key, _ in self._selector.select(max(0.0, until - now)):
            # One that is ready may have ended by what another brought: a child's exit, say.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        self._happened(events.Tick())
        self._acknowledgements.look()
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
        self._control.sweep()
        self._answer_dumps(now)
        self._look_at_certificates(now)
        self.keyvals.expire()
        for path, text in (*self.keyvals.unwritten(), *self.roster.unwritten()):
            self._tell_keeper({"order": "write", "path": path, "text": text})

    def _look_at_certificates(self, now: float) -> None:
        serving = self._running.get(self._situation.generation)
        if serving is None:
            return
        changed = self._certificates.changed(serving.certificates, now)
        if changed:
            log.notice(f'certificate "{changed}" has changed: reloading')
            self._happened(events.Asked(Command.RELOAD))
        for warning in self._certificates.warnings(serving.certificates, clock.wall()):
            log.warn(warning)

    def _watch(self, descriptor: int, act: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, act)

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
            if pid in self._channels:
                self._hear(pid)  # its last words may say why
            self._happened(events.Exited(pid, os.waitstatus_to_exitcode(ended)))

    # Actions.

    def _act(self, action: events.Action) -> None:
        match action:
            case events.Load():
                self._load(action.number)
            case events.Spawn():
                self._spawn(action)
            case events.Tell():
                self._tell(action)
            case events.Kill():
                _kill(action.pid, action.signal)
            case events.Bury():
                self._bury(action)
            case events.Commit():
                self._commit(action.number)
            case events.Retire():
                self._retire(action.number)
            case events.Resized():
                self._trim()
            case events.CloseListeners():
                self._listeners.close()
            case events.HandOver():
                self._hand_over()
            case events.TakeBack():
                self._take_back()
            case events.Reopen():
                self._reopen()
            case events.Answer():
                status = 200 if action.done else 409
                self._answer(action.client, Reply(action.text, status=status))
            case events.Notify():
                self._notify(action.notice)
            case events.Log():
                log.write(action.level, action.text)
            case events.Exit():
                self._code = action.code

    def _load(self, number: int) -> None:
        try:
            self._happened(self.prepare(number))
        except ConfigError as error:
            self._happened(events.LoadFailed(_reason(error)))
        except Exception as error:
            # The configuration brought out a mistake of ours: the old one must go on all the same.
            log.bug("while loading the configuration", error)
            self._happened(events.LoadFailed(f"internal error: {error!r}"))

    def _spawn(self, spawn: events.Spawn) -> None:
        ours, theirs = channel.pair()
        generation = self._running[spawn.generation]
        try:
            if spawn.slot >= generation.workers:
                self._listeners.bind(generation.listens, spawn.slot + 1)
            pid = self._fork(spawn, ours, theirs)
        except (OSError, ConfigError) as error:
            ours.close()
            theirs.close()
            self._happened(events.ForkFailed(spawn, f"fork() failed: {error}"))
            return
        theirs.close()
        self._channels[pid] = ours
        self._watch(ours.fileno(), lambda: self._hear(pid))
        before = self._cells.board.value(spawn.row, Cell.REQUESTS)
        self._happened(events.Forked(pid, spawn, before))

    def _fork(self, spawn: events.Spawn, ours: Channel, theirs: Channel) -> int:
        """Return the child's pid; in the child, live its life and do not return."""
        assert not tasks.hub_started(), "gevent's hub was started in the master"
        self._cells.board.claim(spawn.row)
        self._cells.board.store(spawn.row, Cell.BEAT, 0)
        # It inherits what is true now.
        self._cells.board.store(spawn.row, Cell.KEYVALS_APPLIED, self.keyvals.number)
        self._cells.board.store(spawn.row, Cell.PEERS_APPLIED, self.roster.number)
        # A signal to the child, before it has handlers of its own, would be read by the master.
        signals.hold()
        try:
            pid = os.fork()  # noqa: TID251
            if pid == 0:
                ours.close()
                self._live(spawn, theirs)
        finally:
            signals.release()
        return pid

    def _live(self, spawn: events.Spawn, theirs: Channel) -> None:
        code = START_FAILED
        try:
            code = self._child(spawn, theirs)
        except PrivilegeError as error:
            _say_failed(theirs, str(error))
        except BaseException as error:
            log.bug(f"in a {spawn.role.value}", error)
            _say_failed(theirs, repr(error))
        finally:
            os._exit(code)

    def _child(self, spawn: events.Spawn, theirs: Channel) -> int:
        """Be a child: close what is not ours, become who we should be, and do the work."""
        generation = self._running[spawn.generation]
        sockets = {}
        if spawn.role is Role.WORKER:
            sockets = self._listeners.of(generation.listens, spawn.slot)
        self._forget([sock for found in sockets.values() for sock in found])
        log.send_to(generation.targets)
        if self._terminal is not None:
            # Whoever waits for the end of a daemon's stderr (ssh, a pipe) waits for all of us.
            redirect_errors(_error_file(generation))
        life = Life(theirs, self._cells.of(spawn.row))
        if spawn.role is Role.KEEPER:
            prepare(generation.managed)
        settle(generation.settings, spawn.slot)
        life.begin(f"{_title(spawn)} (generation {spawn.generation})")
        if spawn.role is Role.KEEPER:
            folder, upstreams = generation.state_path, generation.upstreams
            number, managed = generation.number, generation.managed
            return keeper.run(life, folder, self._kept, number, upstreams, managed)
        return worker.run(life, generation, sockets, self._make_acceptor)

    def _forget(self, kept: Sequence[Any]) -> None:
        """Close, in a child, every descriptor of the master's."""
        self._selector.close()
        if self._signals is not None:
            self._signals.close()
        for other in self._channels.values():
            other.close()
        for end in (self._predecessor, self._successor):
            if end is not None:
                end.close()
        self._control.leave()
        self._listeners.release(kept)
        if self._terminal is not None:
            self._terminal.close()

    def _tell(self, action: events.Tell) -> None:
        message: Message = {"order": action.order.value}
        descriptors: list[int] = []
        if action.slot >= 0:
            message["slot"] = action.slot
        if action.order is events.Order.ADOPT:
            found = self._own_sockets(action.slot)
            message["texts"] = [text for text, _ in found]
            descriptors = [descriptor for _, descriptor in found]
        try:
            self._channels[action.pid].send(message, descriptors)
        except (KeyError, ChannelError):
            if action.order is events.Order.DRAIN:
                _kill(action.pid, signal.SIGQUIT)

    def _own_sockets(self, slot: int) -> list[tuple[str, int]]:
        """Return the sockets that only the worker of a slot accepts from."""
        generation = self._running[self._situation.generation]
        own = [listen for listen in generation.listens if listen.reuseport]
        sockets = self._listeners.of(own, slot)
        return [(text, sock.fileno()) for text, found in sockets.items() for sock in found]

    def _bury(self, action: events.Bury) -> None:
        self._hang_up(action.pid)
        found = self._channels.pop(action.pid, None)
        if found is not None:
            found.close()
        self._cells.bury(action.row)
        counters.bury(action.row)
        self._questions.forget(action.pid)
        self._tell_keeper({"order": "buried"})

    def _commit(self, number: int) -> None:
        generation = self._running[number]
        self._loaded_at = clock.wall()
        self.roster.commit(number)
        if not generation.managed:
            self._managed = []  # else the keeper will say
        log.send_to(generation.targets)
        self._trim()
        settings = generation.settings
        try:
            self._pidfile.move(settings.pid_path)
            self._open_control(settings.control)
        except (PidFileError, ControlError) as error:
            log.error(str(error))
        log.notice(f"generation {number} serves with {generation.workers} workers")

    def _retire(self, number: int) -> None:
        self._running.pop(number).close()
        self.roster.retire(number)
        self._trim()

    def _trim(self) -> None:
        """Close the listeners that neither the generation in use nor one to come wants."""
        current = self._situation.generation
        wanted = {}
        slots = self._situation.workers
        for number, generation in sorted(self._running.items()):
            if number >= current:
                wanted.update({listen.text: listen for listen in generation.listens})
            if number > current:
                slots = max(slots, generation.workers)
        if not self._succeeded and self._listeners.texts():
            self._listeners.keep(tuple(wanted.values()), slots)

    def _hand_over(self) -> None:
        try:
            pid, self._successor = upgrade.start(self._listeners, self._kept())
        except upgrade.UpgradeError as error:
            self._happened(events.HandOverFailed(str(error)))
            return
        self._pidfile.step_aside()
        self._watch(self._successor.fileno(), self._hear_successor)
        self._happened(events.HandedOver(pid))

    def _hear_successor(self) -> None:
        assert self._successor is not None
        try:
            heard = self._successor.receive()
        except (BlockingIOError, ChannelError):
            return
        self._selector.unregister(self._successor.fileno())
        self._successor.close()
        self._successor = None
        if heard is not None and "serves" in heard[0]:
            systemd.successor(int(heard[0]["serves"]))
            self._succeeded = True
            self._listeners.release()
            self._happened(events.TakenOver())

    def _take_back(self) -> None:
        self._pidfile.step_back()
        with contextlib.suppress(ControlError):
            settings = self._running[self._situation.generation].settings
            self._open_control(settings.control, replace=True)

    def _reopen(self) -> None:
        for failure in logfile.files.reopen():
            log.alert(failure)
        _give_logs(self._running[self._situation.generation])

    def _notify(self, notice: events.Notice) -> None:
        if self._succeeded:
            return  # systemd listens to the new master now
        if notice is events.Notice.READY:
            self._tell_ready()
        elif notice is events.Notice.RELOADING:
            systemd.reloading()
        else:
            systemd.stopping()

    def _tell_ready(self) -> None:
        systemd.ready()
        if self._terminal is not None:
            self._terminal.tell(0)
            redirect_errors(_error_file(self._running[self._situation.generation]))
        if self._predecessor is not None:
            with contextlib.suppress(ChannelError):
                self._predecessor.send({"serves": os.getpid()})
            self._predecessor.close()
            self._predecessor = None

    # What children say.

    def _hear(self, pid: int) -> None:
        end = self._channels[pid]
        while True:
            try:
                heard = end.receive()
            except BlockingIOError:
                return
            except ChannelError as error:
                log.alert(f"from process {pid}: {error}")
                continue
            if heard is None:
                self._hang_up(pid)
                return
            message, descriptors = heard
            channel.close_all(descriptors)
            self._understand(pid, message)

    def _hang_up(self, pid: int) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._channels[pid].fileno())

    def _understand(self, pid: int, message: Message) -> None:
        match message.get("event"):
            case "ready":
                self._happened(events.Ready(pid))
            case "failed":
                self._happened(events.Failed(pid, str(message.get("text", ""))))
            case "heavy":
                self._happened(events.Heavy(pid, str(message.get("text", ""))))
            case "dump":
                text = str(message.get("text", "")).encode().decode("unicode_escape")
                self._dumps.add(int(message.get("client", 0)), pid, text)
                self._answer_dumps(clock.monotonic())
            case "asked":
                self._ask(pid, message)
            case "issued":
                self._take_up()
            case "certificates":
                self._managed = list(message.get("found", []))
            case "cache" | "renewed":
                status = int(message.get("status", 200))
                data = message.get("data", {})
                reply = Reply(str(message.get("text", json.dumps(data))), data, status)
                self._answer(int(message.get("client", 0)), reply)
            case "names":
                self._find(message)

    def _take_up(self) -> None:
        """Have new certificates shown, by workers that are there and those to come."""
        for generation in self._running.values():
            take_up(generation.managed)
        self._tell_workers({"order": "certificates"})

    def _answer(self, client: int, reply: Reply) -> None:
        """Answer who asked: on the control socket, or by way of a worker."""
        if not self._questions.answer(client, reply):
            self._control.answer(client, reply)

    def _say(self, pid: int, message: Message) -> None:
        """Say something to a child; one that is gone does not hear it."""
        with contextlib.suppress(KeyError, ChannelError):
            self._channels[pid].send(message)

    def _tell_keeper(self, message: Message) -> None:
        for child in self._situation.children.values():
            if not child.worker:
                self._say(child.pid, message)

    def _tell_workers(self, message: Message) -> None:
        for child in self._situation.children.values():
            if child.worker:
                self._say(child.pid, message)

    def _tell_children(self, message: Message) -> None:
        self._tell_workers(message)
        self._tell_keeper(message)

    # What outlives us.

    def _keep(self, put: dict[str, str], delete: list[str]) -> None:
        self._tell_keeper({"order": "keep", "put": put, "delete": delete})

    def _kept(self) -> dict[str, str]:
        return self.keyvals.kept() | self.roster.kept() | lasting.kept()

    def _restore(self, texts: dict[str, str]) -> None:
        self._recalled = True
        self.keyvals.restore(texts)
        self.roster.restore(texts)
        self._lasting.take(texts)

    def _recall(self, generation: Generation) -> dict[str, str]:
        """Return what an earlier run has kept, before anybody is served without it.

        A child reads it and ends: the master may open no store.
        """
        if not generation.state_path or not store.has_state(Path(generation.state_path)):
            return {}
        ours, theirs = channel.pair()
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            try:
                settle(generation.settings, 0)
                theirs.send({"kept": kept.recall(Path(generation.state_path))})
            except Exception as error:
                log.error(f"what was kept cannot be read: {error}")
            finally:
                os._exit(0)
        theirs.close()
        try:
            if not select.select([ours], [], [], RECALL_TIME)[0]:
                log.error("what was kept cannot be read in time")
                _kill(pid, signal.SIGKILL)
            heard = ours.receive()
        except (BlockingIOError, ChannelError):
            heard = None
        finally:
            ours.close()
            os.waitpid(pid, 0)
        return dict(heard[0]["kept"]) if heard is not None else {}

    def _find(self, message: Message) -> None:
        """Take what the keeper's resolver has found of a name."""
        with contextlib.suppress(KeyError):
            generation, number = int(message["generation"]), int(message["id"])
            self.roster.found(generation, message["upstream"], number, message["found"])

    def _ask(self, pid: int, message: Message) -> None:
        try:
            self._questions.ask(pid, message)
        except Exception as error:
            log.bug(f"at a question of process {pid}", error)

    def _answer_dumps(self, now: float) -> None:
        for client, text in self._dumps.finished(now):
            self._answer(client, Reply(text))

    # What the control socket asks for.

    def facts(self) -> Facts:
        """Return what is known of us at this moment."""
        now = clock.wall()
        number = self._situation.generation
        workers = [
            (child.spawn.slot, child.pid, child.spawn.row, child.spawn.generation)
            for child in self._situation.children.values()
            if child.worker and child.stage is Stage.READY
        ]
        return Facts(
            pid=os.getpid(),
            ppid=os.getppid(),
            generation=number,
            respawned=self._situation.respawned,
            began_at=now - (clock.monotonic() - self._began_at),
            loaded_at=self._loaded_at,
            now=now,
            listens=tuple(self._listeners.texts()),
            workers=tuple(sorted(workers)),
            worker_connections=self._running[number].settings.worker_connections if number else 0,
        )

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
            settings=self._settings(),
            certificates=self._shown_certificates(),
        )

    def _shown_certificates(self) -> list[dict[str, Any]]:
        serving = self._running.get(self._situation.generation)
        given = serving.certificates if serving else ()
        return certificates.shown(given, self._managed, clock.wall())

    def _settings(self) -> ProcessSettings | None:
        """Return the settings of the generation that serves."""
        generation = self._running.get(self._situation.generation)
        return generation.settings if generation is not None else None

    def workers(self) -> list[dict[str, Any]]:
        """Return one row for each worker."""
        return status.workers(self._situation, self._cells, clock.monotonic())

    def sessions(self, client: int) -> None:
        """List the requests under way; the answer comes later."""
        self._dumps.begin(client, self._workers(), clock.monotonic(), bare=True)
        self._tell_workers({"order": "sessions", "client": client})

    def end_session(self, pid: int, number: int, client: int, otherwise: str) -> bool:
        """Close a client's connection to a worker, and answer later; False for no such worker."""
        if pid not in self._workers():
            return False
        self._dumps.begin(client, [pid], clock.monotonic(), bare=True)
        order = {"order": "shutdown", "client": client, "number": number, "otherwise": otherwise}
        self._say(pid, order)
        return True

    def _workers(self) -> list[int]:
        """Return the pids of all workers, of those that drain too."""
        return [child.pid for child in self._situation.children.values() if child.worker]

    def end_sessions(self, upstream: str, key: str, client: int) -> None:
        """Close the connections of clients that a peer serves; the answer comes later."""
        self._dumps.begin(client, self._workers(), clock.monotonic())
        self._tell_workers({"order": "kill", "client": client, "upstream": upstream, "key": key})

    def keyvals_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of keyvals; None: later."""
        return self._when_applied(client, reply, Cell.KEYVALS_APPLIED, self.keyvals.number)

    def peers_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of peers; None: later."""
        return self._when_applied(client, reply, Cell.PEERS_APPLIED, self.roster.number)

    def _when_applied(self, client: int, reply: Reply, cell: Cell, number: int) -> Reply | None:
        return self._acknowledgements.wait(client, reply, partial(self._laggards, cell, number))

    def _laggards(self, cell: Cell, number: int) -> list[int]:
        """Return the pids of the workers that have not carried out a change."""
        board = self._cells.board
        return [
            child.pid
            for child in self._situation.children.values()
            if child.worker and board.value(child.spawn.row, cell) < number
        ]

    def _reclaim(self, wanted: Collection[str]) -> list[str]:
        """Wipe the columns of peers that nobody has any more, and return whose they were."""
        if self._laggards(Cell.PEERS_APPLIED, self.roster.number):
            return []
        found = self.roster.unused(wanted)
        for name in found:
            first = self._cells.peer(name)
            self._cells.board.wipe(first)
            self.counted.forget(first)
        if found:
            log.notice(f"{len(found)} peers that are gone make room for others on the scoreboard")
        return found

    def ask(self, command: Command, client: int) -> None:
        """Begin what a client asks for."""
        self._happened(events.Asked(command, client))

    def ask_keeper(self, order: str, words: Sequence[str], client: int) -> bool:
        """Ask the keeper something that it answers later; return whether there is one."""
        for child in self._situation.children.values():
            if not child.worker:
                self._say(child.pid, {"order": order, "client": client, "words": list(words)})
                return True
        return False

    def dump(self, client: int) -> None:
        """Ask every child what it is doing."""
        self._dumps.begin(client, self._channels, clock.monotonic())
        for end in self._channels.values():
            with contextlib.suppress(ChannelError):
                end.send({"order": "dump", "client": client})


def run(load: Load, make_acceptor: MakeAcceptor, *, daemon: bool = False) -> int:
    """Be the master of what `load(number)` builds, until told to end; return the exit code.

    With `daemon` it returns 0 in the process at the terminal, once the daemon serves. Raises
    ConfigError where the first generation cannot be built or cannot listen.
    """
    predecessor = upgrade.predecessor()
    given = _given_listeners()
    master = Master(load, make_acceptor, Listeners(given))
    master.take_over(predecessor)
    first = master.prepare(1)
    master.warn_of_strangers(given)
    terminal = None
    if daemon and predecessor is None:
        terminal = Terminal()
        pid = os.fork()  # noqa: TID251
        if pid:
            return terminal.wait(pid)
        terminal.leave()
    return master.serve(first, terminal)


def _given_listeners() -> dict[Key, Any]:
    """Return the listeners that an old master or systemd has opened for us."""
    text = os.environ.pop(ENVIRONMENT, "")
    if text:
        return inherited(text)
    return {(address_text(sock), -1): sock for sock in systemd.listen_sockets()}


def _error_file(generation: Generation) -> logfile.LogFile | None:
    """Return the first error log that is a file: what a daemon has for stderr."""
    given = (target.file for target in generation.targets if isinstance(target, Target))
    return next((file for file in given if file.path), None)


def _give_logs(generation: Generation) -> None:
    """Let the children reopen the logs, once they are who they should be."""
    account = generation.settings.user
    if account is not None and os.geteuid() == 0:
        logfile.files.give_to(account.uid, account.gid)


def _freeze() -> None:
    """Keep what is there now out of collections, whose marks would copy the pages we share."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _news(texts: list[str], generation: Generation) -> str:
    return f"generation {generation.number}, {generation.workers} workers, {', '.join(texts)}"


def _reason(error: ConfigError) -> str:
    """Say what is wrong in one line, as nginx does."""
    place = f" in {error.path}:{error.line}" if error.path and error.line else ""
    return f"{error.reason}{place}"


def _title(spawn: events.Spawn) -> str:
    return "keeper" if spawn.role is Role.KEEPER else f"worker {spawn.slot}"


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _say_failed(theirs: Channel, text: str) -> None:
    with contextlib.suppress(ChannelError):
        theirs.send({"event": "failed", "text": text})
