"""The keeper: one process that does what must be done once, and not by every worker.

What it does is a table: plain functions, and how often each is called. They run in one greenlet,
one after another, and may wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from forkproxy import clock
from forkproxy.acme.managed import Managed
from forkproxy.child.life import Life
from forkproxy.errors import StoreError
from forkproxy.keeper import kept, totals
from forkproxy.keeper.caches import Caches
from forkproxy.keeper.certificates import Certificates
from forkproxy.keeper.findings import Findings
from forkproxy.keeper.findings import kept as kept_findings
from forkproxy.keeper.findings import restore as restore_findings
from forkproxy.keeper.findings import save as save_findings
from forkproxy.keeper.health import Health
from forkproxy.keeper.names import Names
from forkproxy.keeper.outlier import Outliers
from forkproxy.keeper.paces import Looks
from forkproxy.net import tasks
from forkproxy.shared import lasting, logfile
from forkproxy.shared.channel import Message
from forkproxy.shared.environment import Environment
from forkproxy.shared.errorlog import Level, log
from forkproxy.shared.store import open_state
from forkproxy.upstream.member import unpack
from forkproxy.upstream.upstream import Upstream

TURN = 0.25  # seconds between two looks at the timetable


@dataclass(slots=True)
class Duty:
    """A function, and the seconds from one call to the next."""

    interval: float
    perform: Callable[[], None]
    due_at: float = 0.0  # monotonic


class Timetable:
    """The duties of a keeper. One that fails is logged and has its turn again."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self._duties = duties

    def perform_due(self, now: float) -> None:
        """Perform what is due. Waits."""
        for duty in self._duties:
            if duty.due_at <= now:
                duty.due_at = now + duty.interval
                _perform(duty)


def _perform(duty: Duty) -> None:
    try:
        duty.perform()
    except StoreError as error:
        log.error(str(error))
    except Exception as error:
        log.bug("in the keeper", error)


def run(
    life: Life,
    folder: str,
    wanted: Callable[[], Mapping[str, str]] = dict,
    generation: int = 0,
    upstreams: Sequence[Upstream] = (),
    managed: Sequence[Managed] = (),
) -> int:
    """Do the duties until told to end; the state is kept below `folder`, "" for nowhere. Waits.

    `wanted` is all that is to be kept when our life begins; later the master says what changes.
    The upstreams of the generation are looked after: their names are followed. So are the
    certificates that are `managed`.
    """
    caches = Caches(life)
    life.on("drain", lambda _message, _descriptors: life.end())
    life.on("stop", lambda _message, _descriptors: life.end())
    state = _open(folder)
    duties = []
    if state is not None:
        _keep_what_is_wanted(life, state, wanted)
        duties = _state_duties(life, state)
    life.on("write", lambda message, _descriptors: _write(message))
    duties.append(Duty(TURN, caches.tend))
    life.on("buried", lambda _message, _descriptors: _bury(state, caches))
    findings = Findings(life.cells, partial(_announce, life))
    for upstream in upstreams:
        upstream.attach(life.cells)
    if state is not None:
        _perform(Duty(0.0, lambda: restore_findings(kept_findings(state), findings, upstreams)))
        duties.append(Duty(1.0, lambda: save_findings(state, life.cells)))
    duties.append(Duty(TURN, Outliers(findings, upstreams).look))
    duties.append(Duty(1.0, Looks(life.cells, upstreams).look))
    _follow_names(life, generation, upstreams)
    Health(findings, upstreams).begin()
    certificates = Certificates(life.say, managed)
    life.on("renew", certificates.answer)
    life.say("ready")
    certificates.begin()
    tasks.spawn("timetable", _follow, Timetable(duties))
    life.wait()
    if state is not None:
        for duty in duties:
            _perform(duty)
        state.close()
    logfile.files.flush()
    return 0


def _follow(timetable: Timetable) -> None:
    while True:
        timetable.perform_due(clock.monotonic())
        tasks.sleep(TURN)


def _open(folder: str) -> Environment | None:
    """Open the state; without it all works, and is forgotten at the end."""
    if not folder:
        return None
    try:
        return open_state(Path(folder))
    except StoreError as error:
        log.error(f"{error}; counters and orders will not outlive a restart")
        return None


def _state_duties(life: Life, state: Environment) -> list[Duty]:
    """Return what to do with the state again and again."""
    cells = life.cells
    changes = lasting.Changes()
    duties = [
        Duty(1.0, lambda: totals.save(state, cells)),
        Duty(1.0, lambda: _save_lasting(state, changes)),
    ]
    _perform(Duty(0.0, lambda: totals.load(state, cells)))
    _perform(Duty(0.0, lambda: changes.begin(kept.load(state))))
    return duties


def _save_lasting(state: Environment, changes: lasting.Changes) -> None:
    put, gone = changes.look()
    if put or gone:
        kept.save(state, put, gone)


def _keep_what_is_wanted(
    life: Life, state: Environment, wanted: Callable[[], Mapping[str, str]]
) -> None:
    def keep(message: Message, _descriptors: list[int]) -> None:
        put, delete = message["put"], message["delete"]
        _perform(Duty(0.0, lambda: kept.save(state, put, delete)))

    life.on("keep", keep)
    _perform(Duty(0.0, lambda: kept.become(state, wanted())))


def _follow_names(life: Life, generation: int, upstreams: Sequence[Upstream]) -> None:
    """Follow the names of upstreams, and what the master changes in them."""
    names = Names(life.say, generation, upstreams)

    def change(message: Message, _descriptors: list[int]) -> None:
        step = message["steps"].get(str(generation))
        if step is not None:
            put = [(unpack(packed), int(packed["first"])) for packed in step["put"]]
            names.change(str(message["upstream"]), put, step["drop"])

    life.on("peers", change)
    names.begin()


def _announce(life: Life, level: Level, text: str) -> None:
    """Let the log and the master know of a verdict."""
    log.write(level, text)
    life.say("happened", kind="peer", text=text)


def _write(message: Message) -> None:
    """Write a state file, as a whole or not at all."""
    path = Path(str(message["path"]))
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_text(str(message["text"]), "utf-8", "surrogateescape")
        fresh.rename(path)
    except OSError as error:
        log.error(f'cannot write "{path}": {error.strerror}')


def _bury(state: Environment | None, caches: Caches) -> None:
    """Free what a process that died still held in the stores."""
    _perform(Duty(0.0, caches.forget_dead_readers))
    if state is not None:
        _perform(Duty(0.0, lambda: _forget_dead(state)))


def _forget_dead(state: Environment) -> None:
    state.forget_dead_readers()
