"""/api/9/forkproxy/…: what neither NGINX Plus nor HAProxy has a word for.

The path is a command of ours and its arguments: POST /api/9/forkproxy/reload.
"""

from __future__ import annotations

from forkproxy.master import commands
from forkproxy.master.api.call import Call
from forkproxy.master.reply import Refused, Reply


def names(call: Call) -> Reply:
    """List the commands."""
    found = {command.usage: command.help for command in commands.COMMANDS}
    return Reply(data=call.limited(found))


def reload(call: Call) -> None:
    """Read certificates again, which a reload does; what has not changed is kept."""
    call.master.reload(call.client, lambda reply: reply)
    return


def events(call: Call) -> Reply | None:
    """Say what has happened, after the number `since`, of one `kind` or of all."""
    words = (call.arguments.get("since", "0"), call.arguments.get("kind", ""))
    return commands.run(call.master, ["events", *words], call.client)


def run(call: Call, words: list[str]) -> Reply | None:
    """Run one. What changes something is asked for by POST, all else by GET."""
    command = commands.BY_NAME.get(words[0])
    if command is None:
        raise Refused("path not found", "PathNotFound", 404)
    if call.method not in (("POST",) if command.changes else ("GET", "HEAD")):
        raise Refused("method disabled", "MethodDisabled", 405)
    if command.changes and not call.write:
        raise Refused("method disabled", "MethodDisabled", 405)
    return commands.run(call.master, [*words, *call.arguments.values()], call.client)
