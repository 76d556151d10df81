"""Our own commands, by the one name that both tongues know them by.

As a line: `reload`. Over HTTP: POST /api/9/forkproxy/reload. (`quit` is no line of ours: there it
is HAProxy's word for the end of the connection.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from forkproxy import __version__
from forkproxy.master.cache_orders import asking
from forkproxy.master.counted import Counted
from forkproxy.master.events import Command as Ask
from forkproxy.master.facts import Facts
from forkproxy.master.keyvals import Keyvals
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared.scoreboard import Order


class Level(IntEnum):
    """What who is connected may do."""

    USER = 0  # look at most things
    OPERATOR = 1  # look at everything
    ADMIN = 2


class Master(Protocol):
    """What can be asked of the master; process.py has it."""

    @property
    def counted(self) -> Counted: ...
    @property
    def keyvals(self) -> Keyvals: ...
    def keyvals_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of keyvals; None: later."""

    def facts(self) -> Facts: ...
    def status(self) -> dict[str, Any]: ...
    def workers(self) -> list[dict[str, Any]]: ...
    def order(self, peer: str, order: Order) -> None:
        """Raises KeyError where there is no such peer."""

    def ask(self, command: Ask, client: int) -> None:
        """Begin; the answer reaches the client later."""

    def dump(self, client: int) -> None:
        """Likewise."""

    def ask_keeper(self, order: str, words: Sequence[str], client: int) -> bool:
        """Likewise; False where there is no keeper just now."""


# None: the answer comes later.
Function = Callable[[Master, Sequence[str], int], Reply | None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `changes` asks for POST where HTTP is spoken."""

    name: str
    arguments: tuple[str, ...]
    help: str
    function: Function
    changes: bool = False


def _asking(ask: Ask) -> Function:
    def function(master: Master, _arguments: Sequence[str], client: int) -> None:
        master.ask(ask, client)

    return function


def _ordering(order: Order) -> Function:
    def function(master: Master, arguments: Sequence[str], _client: int) -> Reply:
        try:
            master.order(arguments[0], order)
        except KeyError:
            return Refused(f"no such peer: {arguments[0]}", "PeerNotFound", 404).reply()
        return Reply("", {"peer": arguments[0], "order": _WORDS[order]})

    return function


_WORDS = {Order.ORDER_READY: "ready", Order.ORDER_DRAIN: "drain", Order.ORDER_DOWN: "down"}


def _status(master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    status = master.status()
    return Reply(_lines(status), status)


def _workers(master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    rows = master.workers()
    return Reply("\n".join(_row(row) for row in rows), {"workers": rows})


def _dump(master: Master, _arguments: Sequence[str], client: int) -> None:
    master.dump(client)


def _version(_master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    return Reply(f"forkproxy {__version__}", {"version": __version__})


def usage(command: Command) -> str:
    """Return the command with the names of its arguments."""
    return " ".join((command.name, *command.arguments))


def _lines(status: dict[str, Any], prefix: str = "") -> str:
    """Write nested data as one "name: value" a line."""
    lines = []
    for name, value in status.items():
        if isinstance(value, dict):
            lines.append(_lines(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            lines += [f"{prefix}{name}: {_row(row)}" for row in value]
        else:
            lines.append(f"{prefix}{name}: {value}")
    return "\n".join(line for line in lines if line)


def _row(row: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items())


COMMANDS = (
    Command("status", (), "how the master and its workers do", _status),
    Command("workers", (), "one line for each worker", _workers),
    Command("reload", (), "take the configuration anew", _asking(Ask.RELOAD), changes=True),
    Command("quit", (), "stop gracefully", _asking(Ask.QUIT), changes=True),
    Command("stop", (), "stop at once", _asking(Ask.STOP), changes=True),
    Command("reopen", (), "reopen the log files", _asking(Ask.REOPEN), changes=True),
    Command("upgrade", (), "replace the running program", _asking(Ask.UPGRADE), changes=True),
    Command(
        "drain",
        ("PEER",),
        "give upstream/address no new requests",
        _ordering(Order.ORDER_DRAIN),
        changes=True,
    ),
    Command(
        "ready",
        ("PEER",),
        "give upstream/address requests again",
        _ordering(Order.ORDER_READY),
        changes=True,
    ),
    Command("dump", (), "what every greenlet is doing", _dump),
    Command("cache-stat", ("ZONE",), "sizes and counters of a cache, - for all", asking("stat")),
    Command("cache-ls", ("ZONE", "PREFIX"), "what is stored under such keys", asking("ls")),
    Command("cache-why", ("URL",), "what of it is stored, and what was not and why", asking("why")),
    Command(
        "cache-purge",
        ("ZONE", "KIND", "TEXT", "MODE"),
        "KIND: key, prefix, tag, all; MODE: hard, soft, dry",
        asking("purge"),
        changes=True,
    ),
    Command("version", (), "of forkproxy", _version),
)
BY_NAME = {command.name: command for command in COMMANDS}


def run(master: Master, words: Sequence[str], client: int) -> Reply | None:
    """Run one command that there is; None where its answer comes later."""
    command = BY_NAME[words[0]]
    if len(words) - 1 != len(command.arguments):
        text = f"'{command.name}' expects: {usage(command)}"
        return Refused(text, "BadArguments").reply()
    return command.function(master, words[1:], client)
