"""What has happened: a list that grows, to be asked for again from where one has read to."""

from __future__ import annotations

from collections.abc import Sequence

from forkproxy.master.administration import Command, Master
from forkproxy.master.happenings import KINDS
from forkproxy.master.reply import Refused, Reply


def _events(master: Master, arguments: Sequence[str], _client: int) -> Reply:
    since, kind = (*arguments, "", "")[:2]
    if since and not (since.isascii() and since.isdecimal()):
        raise Refused(f'"{since}" is not the number of an event', "BadArguments")
    if kind and kind not in KINDS:
        raise Refused(f'there is no kind "{kind}", only {", ".join(KINDS)}', "BadArguments")
    rows = master.happenings.since(int(since or 0), kind)
    lines = [f"{row['number']} {row['at']} {row['kind']}: {row['text']}" for row in rows]
    return Reply("\n".join(lines), {"events": rows})


COMMANDS = (
    Command("events", ("[SINCE]", "[KIND]"), "what has happened, from a number on", _events),
)
