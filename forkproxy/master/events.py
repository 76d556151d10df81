"""What the supervisor is told, and what it orders: the words between it and process.py."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from forkproxy.shared.errorlog import Level


class Role(Enum):
    WORKER = "worker"
    KEEPER = "keeper"


class Order(Enum):
    """What a child is told over its channel."""

    DRAIN = "drain"
    REOPEN = "reopen"
    DUMP = "dump"
    ADOPT = "adopt"  # accept for a slot whose worker is away, too
    RELEASE = "release"  # the slot has its worker again


class Command(Enum):
    """What an administrator asks for, by a signal or on the control socket."""

    RELOAD = "reload"
    ROLLBACK = "rollback"  # reload what an earlier generation had
    STOP = "stop"  # at once
    QUIT = "quit"  # gracefully
    REOPEN = "reopen"
    UPGRADE = "upgrade"
    IDLE = "idle"  # end the workers gracefully, and only them
    MORE = "more"  # one worker more
    LESS = "less"


# Events.


@dataclass(frozen=True, slots=True)
class Asked:
    """A command; `client` is 0 for a signal, which gets no answer but the error log.

    `like` is the generation that is to be rolled back to.
    """

    command: Command
    client: int = 0
    like: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generation is built and its listeners are bound."""

    number: int
    workers: int
    shutdown_timeout: float = 600.0  # seconds; 0.0: for ever
    own_sockets: bool = False  # some listener has a socket for each slot
    text: str = ""  # what is new


@dataclass(frozen=True, slots=True)
class LoadFailed:
    text: str


@dataclass(frozen=True, slots=True)
class Forked:
    """A Spawn was carried out."""

    pid: int
    spawn: Spawn
    requests_before: int = 0  # what the row had counted for others


@dataclass(frozen=True, slots=True)
class ForkFailed:
    """A Spawn could not be carried out."""

    spawn: Spawn
    text: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A child does its work from now on."""

    pid: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A child says why it is about to end."""

    pid: int
    text: str


@dataclass(frozen=True, slots=True)
class Heavy:
    """A worker has grown over its memory limit."""

    pid: int
    text: str


@dataclass(frozen=True, slots=True)
class Silent:
    """A child has missed its beat for too long."""

    pid: int


@dataclass(frozen=True, slots=True)
class Exited:
    """A child is gone; status as os.waitstatus_to_exitcode() gives it."""

    pid: int
    status: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The new master was started."""

    pid: int


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The new master serves."""


@dataclass(frozen=True, slots=True)
class HandOverFailed:
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Event = (
    Asked
    | Loaded
    | LoadFailed
    | Forked
    | ForkFailed
    | Ready
    | Failed
    | Heavy
    | Silent
    | Exited
    | HandedOver
    | TakenOver
    | HandOverFailed
    | Tick
)


# Actions.


@dataclass(frozen=True, slots=True)
class Load:
    """Build generation `number` and bind its listeners; answered by Loaded or LoadFailed.

    `like`: of the configuration that this generation had; 0: of the files.
    """

    number: int
    like: int = 0


@dataclass(frozen=True, slots=True)
class Spawn:
    """Fork a child; answered by Forked or ForkFailed."""

    role: Role
    slot: int
    generation: int
    row: int
    replaces: int = 0  # the pid of a worker that is drained once this one is ready


@dataclass(frozen=True, slots=True)
class Tell:
    pid: int
    order: Order
    slot: int = -1  # whose sockets, for ADOPT and RELEASE


@dataclass(frozen=True, slots=True)
class Kill:
    pid: int
    signal: int


@dataclass(frozen=True, slots=True)
class Bury:
    """Forget a child that is gone: its channel, and what it had in hand on the scoreboard."""

    pid: int
    row: int


@dataclass(frozen=True, slots=True)
class Commit:
    """The generation serves: close the listeners that only others wanted."""

    number: int


@dataclass(frozen=True, slots=True)
class Retire:
    """Nobody runs the generation any more, or nobody ever will."""

    number: int


@dataclass(frozen=True, slots=True)
class Resized:
    """There are as many slots as workers wanted: close the sockets of those that are gone."""


@dataclass(frozen=True, slots=True)
class CloseListeners:
    """Nobody is to connect any more."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Start the program anew with our listeners; answered by HandedOver or HandOverFailed."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The new master is gone: be the one master again."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Reopen the master's log files."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a command. Client 0 has none to read it."""

    client: int
    text: str
    done: bool = True


class Notice(Enum):
    """What systemd is told."""

    READY = "ready"
    RELOADING = "reloading"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Notify:
    notice: Notice


@dataclass(frozen=True, slots=True)
class Log:
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Exit:
    code: int


Action = (
    Load
    | Spawn
    | Tell
    | Kill
    | Bury
    | Commit
    | Retire
    | Resized
    | CloseListeners
    | HandOver
    | TakeBack
    | Reopen
    | Answer
    | Notify
    | Log
    | Exit
)
