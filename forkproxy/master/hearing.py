"""What children say, and who is to know it."""

from __future__ import annotations

import contextlib
import json

from forkproxy.acme.managed import take_up
from forkproxy.master.desk import Desk
from forkproxy.master.events import Event, Failed, Heavy, Ready
from forkproxy.master.holdings import Holdings
from forkproxy.master.reply import Reply
from forkproxy.shared.channel import Message


def understand(pid: int, message: Message, holdings: Holdings, desk: Desk) -> Event | None:
    """Pass on what the child of a pid says; return what the supervisor is to decide on."""
    text = str(message.get("text", ""))
    client = int(message.get("client", 0))
    match message.get("event"):
        case "ready":
            return Ready(pid)
        case "failed":
            return Failed(pid, text)
        case "heavy":
            return Heavy(pid, text)
        case "dump":
            desk.answer_part(client, pid, text.encode().decode("unicode_escape"))
        case "asked":
            desk.question(pid, message)
        case "cache" | "renewed":
            desk.answer(client, _reply(message))
        case "certificates":
            desk.managed = list(message.get("found", []))
        case "issued":
            desk.note("certificate", "a certificate was obtained")
            _take_up(holdings)
        case "happened":
            desk.note(str(message["kind"]), text)
        case "names":
            _find(message, holdings)
    return None


def _reply(message: Message) -> Reply:
    data = message.get("data", {})
    return Reply(str(message.get("text", json.dumps(data))), data, int(message.get("status", 200)))


def _take_up(holdings: Holdings) -> None:
    """Have new certificates shown, by workers that are there and those to come."""
    for generation in holdings.generations.all():
        take_up(generation.managed)
    holdings.channels.tell_workers({"order": "certificates"})


def _find(message: Message, holdings: Holdings) -> None:
    """Take what the keeper's resolver has found of a name."""
    with contextlib.suppress(KeyError):
        generation, number = int(message["generation"]), int(message["id"])
        roster = holdings.remembered.roster
        roster.found(generation, message["upstream"], number, message["found"])
