"""Our own commands about peers: what `forkproxy drain` and its kin ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forkproxy.master import servers as verbs
from forkproxy.master.administration import Command, Function, Master
from forkproxy.master.changes import Change, pack_server
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.roster import key_of
from forkproxy.master.servers import Server
from forkproxy.shared.scoreboard import Order, PeerCell

FORCE = "--force"
ORDERS = {
    Order.ORDER_READY: "",
    Order.ORDER_DRAIN: "drain",
    Order.ORDER_DOWN: "down",
    Order.ORDER_UP: "ready",
}


def _row(master: Master, server: Server) -> dict[str, Any]:
    line = server.line
    row: dict[str, Any] = {
        "upstream": server.upstream,
        "id": server.member.id,
        "server": key_of(server.member),
        "name": line.name,
        "state": server.state or "name",
        "weight": server.weight,
        "backup": line.backup,
    }
    if not server.member.is_name:
        row["active"] = server.active(master.counted)
        row["requests"] = server.count(master.counted, PeerCell.PEER_REQUESTS)
        row["fails"] = server.count(master.counted, PeerCell.PEER_FAILS)
    return row


def _servers(master: Master, arguments: Sequence[str], _client: int) -> Reply:
    names = arguments[:1] or list(master.roster.upstreams())
    rows = [
        _row(master, server)
        for name in names
        for server in verbs.all_of(master.roster, master.counted, name)
    ]
    text = "\n".join(" ".join(f"{key}={value}" for key, value in row.items()) for row in rows)
    return Reply(text, {"servers": rows})


def _one(master: Master, arguments: Sequence[str]) -> Server:
    return verbs.one_of(master.roster, master.counted, arguments[0], arguments[1])


def _done(master: Master, server: Server, client: int) -> Reply | None:
    found = verbs.one_of(master.roster, master.counted, server.upstream, f"#{server.member.id}")
    return master.peers_known(client, Reply("", _row(master, found)))


def _ordering(order: Order) -> Function:
    def function(master: Master, arguments: Sequence[str], client: int) -> Reply | None:
        server = _one(master, arguments)
        force = FORCE in arguments
        verbs.order(master.roster, master.counted, server, order, force=force)
        return _done(master, server, client)

    return function


def _weight(master: Master, arguments: Sequence[str], client: int) -> Reply | None:
    server = _one(master, arguments)
    word = arguments[2]
    if not (word.isascii() and word.isdecimal()):
        raise Refused("invalid weight", "UpstreamBadWeight")
    verbs.weigh(master.roster, master.counted, server, int(word), force=FORCE in arguments)
    return _done(master, server, client)


def _add(master: Master, arguments: Sequence[str], client: int) -> Reply | None:
    name, address, *options = arguments
    zone = master.roster.zones().get(verbs.upstream(master.roster, name))
    line = verbs.line_of(
        {"server": address} | _options(options), None, resolver=zone is not None and zone.resolver
    )
    member = verbs.add(master.roster, name, line)
    server = verbs.one_of(master.roster, master.counted, name, f"#{member.id}")
    return _done(master, server, client)


def _options(words: Sequence[str]) -> dict[str, Any]:
    """Read options as a `server` line has them: weight=2 backup."""
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in verbs.READERS:
            raise Refused(f'invalid parameter "{word}"', "UpstreamConfFormatError")
        whole = value.isascii() and value.isdecimal() and name not in ("route", "service")
        given[name] = (int(value) if whole else value) if equals else True
    return given


def _del(master: Master, arguments: Sequence[str], client: int) -> Reply | None:
    server = _one(master, arguments)
    if FORCE not in arguments:
        verbs.refuse_the_last(master.roster, master.counted, server)
    row = _row(master, server)
    verbs.remove(master.roster, server)
    return master.peers_known(client, Reply("", row))


def _kill(master: Master, arguments: Sequence[str], client: int) -> None:
    server = _one(master, arguments)
    master.end_sessions(server.upstream, server.member.key, client)


def _state(master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    changes = [_change(key, change) for key, change in sorted(master.roster.changes().items())]
    text = "\n".join(_changed(change) for change in changes)
    return Reply(text, {"changes": changes})


def _change(key: tuple[str, str], change: Change) -> dict[str, Any]:
    found: dict[str, Any] = {"upstream": key[0], "server": key[1]}
    if change.removed:
        found["change"] = "removed"
    elif change.server is not None:
        found["change"] = "changed" if change.was else "added"
        found["line"] = pack_server(change.server)
    else:
        found["change"] = "ordered"
    if change.order:
        found["order"] = ORDERS[Order(change.order)]
    if change.weight:
        found["weight"] = change.weight
    return found


def _changed(change: dict[str, Any]) -> str:
    more = " ".join(str(change[name]) for name in ("order", "weight") if name in change)
    return f"{change['upstream']} {change['server']} {change['change']} {more}".rstrip()


SERVER = ("UPSTREAM", "SERVER")
COMMANDS = (
    Command("servers", ("[UPSTREAM]",), "the servers of upstreams, and how they do", _servers),
    Command(
        "drain",
        (*SERVER, "[--force]"),
        "give a server no new clients",
        _ordering(Order.ORDER_DRAIN),
        changes=True,
    ),
    Command("ready", SERVER, "give it clients again", _ordering(Order.ORDER_UP), changes=True),
    Command(
        "down",
        (*SERVER, "[--force]"),
        "give it no requests at all",
        _ordering(Order.ORDER_DOWN),
        changes=True,
    ),
    Command(
        "weight",
        (*SERVER, "N", "[--force]"),
        "give it another share; 0 drains",
        _weight,
        changes=True,
    ),
    Command(
        "add",
        ("UPSTREAM", "ADDRESS", "[OPTION...]"),
        "add a server, with options as in the configuration",
        _add,
        changes=True,
    ),
    Command("del", (*SERVER, "[--force]"), "remove a server", _del, changes=True),
    Command("kill", SERVER, "end the connections that it serves", _kill, changes=True),
    Command("state", (), "what is not as the configuration says", _state),
)
