"""What was loaded, and going back to it."""

from __future__ import annotations

from collections.abc import Sequence

from forkproxy.master.administration import Command, Master
from forkproxy.master.reply import Refused, Reply


def _history(master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    rows = master.history.rows()
    lines = [" ".join(f"{name}={value}" for name, value in row.items()) for row in rows]
    return Reply("\n".join(lines), {"history": rows})


def _rollback(master: Master, arguments: Sequence[str], client: int) -> None:
    word = arguments[0] if arguments else ""
    if word and not (word.isascii() and word.isdecimal()):
        raise Refused(f'"{word}" is not the number of a generation', "BadArguments")
    try:
        number = int(word) if word else master.history.previous()
        master.history.texts(number)
    except KeyError as error:
        raise Refused(str(error.args[0]), "GenerationNotFound", 404) from None
    master.rollback(number, client)


COMMANDS = (
    Command("history", (), "what was loaded, the last first", _history),
    Command(
        "rollback",
        ("[GENERATION]",),
        "serve what a generation had, or the last one that was different",
        _rollback,
        changes=True,
    ),
)
