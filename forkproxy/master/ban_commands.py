"""Bans of limit_req: who is refused, and letting in again."""

from __future__ import annotations

from collections.abc import Sequence

from forkproxy import clock
from forkproxy.master.administration import Command, Master
from forkproxy.master.ban_zones import shown
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared import bans


def _bans(_master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    rows = [
        {"zone": zone, "key": shown(key), "seconds": round(left)}
        for zone, table in bans.every().items()
        for _tag, key, left in sorted(table.banned(), key=lambda ban: ban[1])
    ]
    text = "\n".join(f"{row['zone']} {row['key']} {row['seconds']}s" for row in rows)
    return Reply(text, {"bans": rows})


def _unban(master: Master, arguments: Sequence[str], _client: int) -> Reply:
    zone, wanted = arguments
    table = bans.every().get(zone)
    if table is None:
        raise Refused(f'no bans in zone "{zone}"', "ZoneNotFound", 404)
    for tag, key, _left in table.banned():
        if shown(key) == wanted and table.lift(tag):
            master.happenings.note("ban", f"{wanted} is let in again in {zone}", clock.wall())
            return Reply("", {"zone": zone, "key": wanted})
    raise Refused(f'"{wanted}" is not banned in zone "{zone}"', "KeyNotFound", 404)


COMMANDS = (
    Command("bans", (), "who is refused by limit_req … ban=, and for how long", _bans),
    Command("unban", ("ZONE", "KEY"), "let a key in again", _unban, changes=True),
)
