"""Our own commands, by the one name that both tongues know them by.

As a line: `reload`. Over HTTP: POST /api/9/forkproxy/reload. (`quit` is no line of ours: there it
is HAProxy's word for the end of the connection.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forkproxy import __version__
from forkproxy.master import (
    ban_commands,
    event_commands,
    generation_commands,
    peer_commands,
    turn_commands,
)
from forkproxy.master.administration import Command, Function, Level, Master
from forkproxy.master.cache_orders import asking, renewing
from forkproxy.master.events import Command as Ask
from forkproxy.master.reply import Refused, Reply

__all__ = ["BY_NAME", "COMMANDS", "Command", "Level", "Master", "run"]


def _asking(ask: Ask) -> Function:
    def function(master: Master, _arguments: Sequence[str], client: int) -> None:
        master.ask(ask, client)

    return function


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
    *generation_commands.COMMANDS,
    *event_commands.COMMANDS,
    Command("quit", (), "stop gracefully", _asking(Ask.QUIT), changes=True),
    Command("stop", (), "stop at once", _asking(Ask.STOP), changes=True),
    Command("reopen", (), "reopen the log files", _asking(Ask.REOPEN), changes=True),
    Command("upgrade", (), "replace the running program", _asking(Ask.UPGRADE), changes=True),
    *peer_commands.COMMANDS,
    *ban_commands.COMMANDS,
    *turn_commands.COMMANDS,
    Command("dump", (), "what every greenlet is doing", _dump),
    Command("cache-stat", ("ZONE",), "sizes and counters of a cache, - for all", asking("stat")),
    Command(
        "cache-ls",
        ("ZONE", "[PREFIX]", "[TAG]", "[LIMIT]", "[pinned]"),
        "what is stored under such keys",
        asking("ls"),
    ),
    Command("cache-why", ("URL",), "what of it is stored, and what was not and why", asking("why")),
    Command(
        "cache-purge",
        ("ZONE", "KIND", "TEXT", "MODE"),
        "KIND: key, prefix, tag, host, all; MODE: hard, soft, dry",
        asking("purge"),
        changes=True,
    ),
    Command(
        "cache-pin",
        ("ZONE", "KIND", "TEXT", "MODE"),
        "what is not to be evicted; KIND as for cache-purge; MODE: pin, unpin",
        asking("pin"),
        changes=True,
    ),
    Command(
        "renew",
        ("NAME", "HOW"),
        "obtain the certificate of a name anew, - for all; HOW: keep or revoke the old one",
        renewing,
        changes=True,
    ),
    Command("version", (), "of forkproxy", _version),
)
BY_NAME = {command.name: command for command in COMMANDS}


def run(master: Master, words: Sequence[str], client: int) -> Reply | None:
    """Run one command that there is; None where its answer comes later."""
    command = BY_NAME[words[0]]
    if not command.takes(len(words) - 1):
        text = f"'{command.name}' expects: {command.usage}"
        return Refused(text, "BadArguments").reply()
    try:
        return command.function(master, words[1:], client)
    except Refused as refused:
        return refused.reply()
