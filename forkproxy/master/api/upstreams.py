"""Upstreams and their servers in the API."""

from __future__ import annotations

from typing import Any

from forkproxy.master import servers as verbs
from forkproxy.master.api.call import Call
from forkproxy.master.api.general import DONE
from forkproxy.master.api.zones import responses
from forkproxy.master.facts import iso
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.servers import Server
from forkproxy.shared.scoreboard import Order, PeerCell, Row, StandingCell, UpstreamCell
from forkproxy.upstream.peer import BUCKETS

IMMUTABLE = ("id", "backup", "service")
KNOWN = (
    "server",
    "weight",
    "max_conns",
    "max_fails",
    "fail_timeout",
    "slow_start",
    "route",
    "down",
    "drain",
)
# What a reset counts anew; the rest says how things are now.
COUNTED = (
    PeerCell.PEER_REQUESTS,
    PeerCell.PEER_FAILS,
    PeerCell.PEER_UNAVAIL,
    PeerCell.PEER_SENT,
    PeerCell.PEER_RECEIVED,
    *range(PeerCell.PEER_1XX, PeerCell.PEER_5XX + 1),
    PeerCell.PEER_RESPONSE_SUM,
    *range(PeerCell.PEER_BUCKETS, PeerCell.PEER_BUCKETS + len(BUCKETS) + 1),
)


def upstreams(call: Call) -> Reply:
    """Return all upstreams, with the numbers of their peers."""
    return Reply(data=call.collection({name: _upstream(call, name) for name in _zones(call)}))


def upstream(call: Call, name: str) -> Reply:
    """Return one of them."""
    _known(call, name)
    return Reply(data=call.limited(_upstream(call, name)))


def reset(call: Call, name: str) -> Reply:
    """Count its peers anew."""
    _known(call, name)
    counted = call.master.counted
    counted.reset([counted.cells.tally("upstream", name) + UpstreamCell.UPSTREAM_OVERFLOWS])
    for server in _peers(call, name):
        counted.reset(server.first + cell for cell in COUNTED)
        counted.reset_statuses(server.first + PeerCell.PEER_CODES)
        counted.reset_values(
            Row.KEEPER,
            [
                server.first + cell
                for cell in (
                    PeerCell.PEER_CHECKS,
                    PeerCell.PEER_CHECK_FAILS,
                    PeerCell.PEER_UNHEALTHY,
                    PeerCell.PEER_DOWNTIME,
                )
            ],
        )
    return DONE


def servers(call: Call, name: str) -> Reply:
    """List the servers of an upstream, as lines have them."""
    return Reply(data=[call.limited(line) for line in _lines(call, _writable(call, name))])


def server(call: Call, name: str, number: str) -> Reply:
    """Return one of them."""
    return Reply(data=call.limited(_line(_one(call, name, number))))


def add(call: Call, name: str) -> Reply | None:
    """Add one."""
    _writable(call, name)
    zone = call.master.roster.zones()[name]
    given = _content(call, (*KNOWN, "backup", "service"))
    line = verbs.line_of(given, None, resolver=zone.resolver)
    if line.service and not line.resolve:
        raise Refused("service requires a host name", "UpstreamBadService")
    if line.backup and not zone.backups:
        raise Refused("backup servers make no sense with this method", "UpstreamNoBackup")
    member = verbs.add(call.master.roster, name, line)
    made = verbs.one_of(call.master.roster, call.master.counted, name, f"#{member.id}")
    return call.master.peers_known(call.client, Reply(data=_line(made), status=201))


def change(call: Call, name: str, number: str) -> Reply | None:
    """Change one: its line, or what is ordered of it (down, drain)."""
    found = _one(call, name, number)
    given = _content(call, (*KNOWN, *IMMUTABLE))
    if any(word in given for word in IMMUTABLE):
        raise Refused("server is immutable in this", "UpstreamServerImmutable")
    if "weight" in given and found.line.service:
        raise Refused("weight is of the SRV record", "UpstreamServerWeightImmutable")
    roster, counted = call.master.roster, call.master.counted
    lines = {word: value for word, value in given.items() if word not in ("down", "drain")}
    zone = call.master.roster.zones()[name]
    line = verbs.line_of(lines, found.line, resolver=zone.resolver)
    wanted = _wanted(given, found)
    if wanted in (Order.ORDER_DRAIN, Order.ORDER_DOWN) and not call.forced:
        verbs.refuse_the_last(roster, counted, found)
    member = verbs.change(roster, found, line)
    found = verbs.one_of(roster, counted, name, f"#{member.id}")
    if wanted is not None:
        verbs.order(roster, counted, found, wanted, force=True)
    found = verbs.one_of(roster, counted, name, f"#{member.id}")
    return call.master.peers_known(call.client, Reply(data=_line(found)))


def _wanted(given: dict[str, Any], found: Server) -> Order | None:
    """Return what `down` and `drain` order; None for nothing.

    A `down` that is false ends a drain too: clients leave out a `drain` that is false.
    """
    for word in ("down", "drain"):
        if not isinstance(given.get(word, False), bool):
            raise Refused("invalid boolean value", "UpstreamConfFormatError")
    if given.get("down"):
        return Order.ORDER_DOWN
    if given.get("drain"):
        return Order.ORDER_DRAIN
    if "down" in given or ("drain" in given and found.draining):
        return Order.ORDER_UP
    return None


def remove(call: Call, name: str, number: str) -> Reply | None:
    """Remove one; the answer is those that are left."""
    verbs.remove(call.master.roster, _one(call, name, number))
    return call.master.peers_known(call.client, Reply(data=_lines(call, name)))


# What is shown.


def _zones(call: Call) -> list[str]:
    return [name for name, zone in call.master.roster.zones().items() if zone.zone]


def _known(call: Call, name: str) -> None:
    if name not in _zones(call):
        raise Refused("upstream not found", "UpstreamNotFound", 404)


def _writable(call: Call, name: str) -> str:
    """Return the name of an upstream with a zone. Raises Refused."""
    zone = call.master.roster.zones().get(name)
    if zone is None:
        raise Refused("upstream not found", "UpstreamNotFound", 404)
    if not zone.zone:
        raise Refused("upstream is static", "UpstreamStatic")
    return name


def _one(call: Call, name: str, number: str) -> Server:
    _writable(call, name)
    if not (number.isascii() and number.isdecimal()):
        raise Refused("invalid server id", "UpstreamBadServerId")
    return verbs.one_of(call.master.roster, call.master.counted, name, f"#{int(number)}")


def _content(call: Call, known: tuple[str, ...]) -> dict[str, Any]:
    given = call.content()
    unknown = [word for word in given if word not in known]
    if unknown:
        raise Refused(f'unknown parameter "{unknown[0]}"', "UpstreamConfFormatError")
    return given


def _all(call: Call, name: str) -> list[Server]:
    return verbs.all_of(call.master.roster, call.master.counted, name)


def _peers(call: Call, name: str) -> list[Server]:
    return [one for one in _all(call, name) if not one.member.is_name]


def _lines(call: Call, name: str) -> list[dict[str, Any]]:
    return [_line(one) for one in _all(call, name)]


def _line(server: Server) -> dict[str, Any]:
    line, member = server.line, server.member
    found: dict[str, Any] = {
        "id": member.id,
        "server": member.address if member.parent >= 0 else line.name,
        "weight": server.weight,
        "max_conns": line.max_conns,
        "max_fails": line.max_fails,
        "fail_timeout": f"{line.fail_timeout:g}s",
        "slow_start": f"{line.slow_start:g}s",
        "route": line.route,
        "backup": line.backup,
        "down": server.down or (member.is_name and line.down),
    }
    if server.draining:
        found["drain"] = True
    if line.service:
        found["service"] = line.service
    if member.parent >= 0:
        found |= {"parent": member.parent, "host": line.name}
    return found


def _upstream(call: Call, name: str) -> dict[str, Any]:
    zone = call.master.roster.zones()[name]
    counted = call.master.counted
    first = counted.cells.tally("upstream", name)
    found: dict[str, Any] = {
        "peers": [_peer(call, one) for one in _peers(call, name)],
        "keepalive": counted.total(first + UpstreamCell.UPSTREAM_IDLE),
        "zombies": call.master.roster.zombies(name),
        "zone": zone.zone,
    }
    if zone.queue:
        found["queue"] = {
            "size": counted.total(first + UpstreamCell.UPSTREAM_QUEUED),
            "max_size": zone.queue,
            "overflows": counted.total(first + UpstreamCell.UPSTREAM_OVERFLOWS),
        }
    return found


def _peer(call: Call, server: Server) -> dict[str, Any]:
    counted, first, line = call.master.counted, server.first, server.line
    board = counted.cells.board

    def standing(cell: int) -> int:
        return board.standing_value(first, cell)

    found: dict[str, Any] = {
        "id": server.member.id,
        "server": server.member.address,
        "name": line.name,
        "backup": line.backup,
        "weight": server.weight,
        "state": server.state,
        "active": server.active(counted),
    }
    if line.max_conns:
        found["max_conns"] = line.max_conns
    found["requests"] = server.count(counted, PeerCell.PEER_REQUESTS)
    answers = sum(_buckets(server, call).values())
    if answers:
        found["header_time"] = standing(StandingCell.STANDING_HEADER_TIME)
        found["response_time"] = standing(StandingCell.STANDING_RESPONSE_TIME)
        if call.version >= 9:
            found["response_time_hist"] = _histogram(server, call, answers)
    found |= {
        "responses": responses(
            counted, first + PeerCell.PEER_1XX, first + PeerCell.PEER_CODES, call.version
        ),
        "sent": server.count(counted, PeerCell.PEER_SENT),
        "received": server.count(counted, PeerCell.PEER_RECEIVED),
        "fails": server.count(counted, PeerCell.PEER_FAILS),
        "unavail": server.count(counted, PeerCell.PEER_UNAVAIL),
        "health_checks": _checks(server, call),
        "downtime": counted.value(Row.KEEPER, first + PeerCell.PEER_DOWNTIME),
    }
    if down_at := board.value(Row.KEEPER, first + PeerCell.PEER_DOWN_AT):
        found["downstart"] = iso(down_at / 1000.0)
    if selected := standing(StandingCell.STANDING_SELECTED_AT):
        found["selected"] = iso(selected / 1000.0)
    return found


def _checks(server: Server, call: Call) -> dict[str, Any]:
    def value(cell: int) -> int:
        return call.master.counted.value(Row.KEEPER, server.first + cell)

    found: dict[str, Any] = {
        "checks": value(PeerCell.PEER_CHECKS),
        "fails": value(PeerCell.PEER_CHECK_FAILS),
        "unhealthy": value(PeerCell.PEER_UNHEALTHY),
    }
    if found["checks"]:
        board = call.master.counted.cells.board
        passed = board.value(Row.KEEPER, server.first + PeerCell.PEER_LAST_PASSED)
        found["last_passed"] = bool(passed)
    return found


def _buckets(server: Server, call: Call) -> dict[str, int]:
    names = [*map(str, BUCKETS), "inf"]
    return {
        name: server.count(call.master.counted, PeerCell.PEER_BUCKETS + index)
        for index, name in enumerate(names)
    }


def _histogram(server: Server, call: Call, answers: int) -> dict[str, Any]:
    total = server.count(call.master.counted, PeerCell.PEER_RESPONSE_SUM)
    return {"count": answers, "sum": total, "buckets": _buckets(server, call)}
