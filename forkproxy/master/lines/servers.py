"""Servers in HAProxy's lines: their state, weight and address, and which there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from forkproxy.config.address import AddressError, Family, parse_address
from forkproxy.config.directives.upstream import DEFAULT_PORT
from forkproxy.master import servers as verbs
from forkproxy.master.lines import checks
from forkproxy.master.lines.target import NO_BACKEND, REQUIRED, done, server_of
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.servers import Server
from forkproxy.shared.scoreboard import Order

USAGE = "usage: set server <backend>/<server> addr | agent | fqdn | health | state | weight"
STATE_USAGE = "'set server <srv> state' expects 'ready', 'drain' and 'maint'."
HEALTH_USAGE = "'set server <srv> health' expects 'up', 'stopping', or 'down'."
STATES = {"ready": Order.ORDER_UP, "drain": Order.ORDER_DRAIN, "maint": Order.ORDER_DOWN}
HEALTHS = {"up": Order.ORDER_UP, "stopping": Order.ORDER_DRAIN, "down": Order.ORDER_DOWN}
FORCE = "force"
WEIGHT = re.compile(r"([0-9]+)(%?)")
MOST_WEIGHT = 256


def _order(line: Line, server: Server, order: Order, index: int) -> Reply | None:
    """Order something; "force" as a last word does it to the last server too."""
    master, force = line.master, line.word(index) == FORCE
    try:
        verbs.order(master.roster, master.counted, server, order, force=force)
    except Refused as refused:
        raise _with_hint(refused) from None
    return done(line)


def _with_hint(refused: Refused) -> Refused:
    """Say how what was refused can be had all the same."""
    if refused.code != "UpstreamLastServer":
        return refused
    return Refused(f"{refused.text}: '{FORCE}' behind the command does it.", refused.code, 409)


def set_server(line: Line) -> Reply | None:
    """`set server be/srv state|health|weight|addr …`."""
    server = server_of(line, 2)
    act = SETTERS.get(line.word(3))
    if act is None:
        raise Refused(USAGE, "")
    return act(line, server)


def _set_state(line: Line, server: Server) -> Reply | None:
    order = STATES.get(line.word(4))
    if order is None:
        raise Refused(STATE_USAGE, "")
    return _order(line, server, order, 5)


def _set_health(line: Line, server: Server) -> Reply | None:
    order = HEALTHS.get(line.word(4))
    if order is None:
        raise Refused(HEALTH_USAGE, "")
    return _order(line, server, order, 5)


def _set_weight(line: Line, server: Server) -> Reply | None:
    return _weigh(line, server, 4)


def set_weight(line: Line) -> Reply | None:
    """`set weight be/srv 10`, or a share of what it was at first: 50%."""
    return _weigh(line, server_of(line, 2), 3)


def _weigh(line: Line, server: Server, index: int) -> Reply | None:
    word = line.word(index)
    if not word:
        raise Refused("Require <weight> or <weight%>.", "UpstreamBadWeight")
    found = WEIGHT.fullmatch(word)
    if found is None:
        raise Refused("Empty weight string empty or preceded by garbage", "UpstreamBadWeight")
    weight = int(found[1])
    if found[2]:
        weight = (weight * server.line.weight + 99) // 100
    elif weight > MOST_WEIGHT:
        text = f"Absolute weight can only be between 0 and {MOST_WEIGHT} inclusive."
        raise Refused(text, "UpstreamBadWeight")
    master, force = line.master, line.word(index + 1) == FORCE
    try:
        verbs.weigh(master.roster, master.counted, server, weight, force=force)
    except Refused as refused:
        raise _with_hint(refused) from None
    return done(line)


def get_weight(line: Line) -> Reply:
    """Say the weight that holds, and that of the configuration."""
    server = server_of(line, 2)
    weight = 0 if server.draining else server.weight
    return Reply(f"{weight} (initial {server.line.weight})")


def _set_address(line: Line, server: Server) -> Reply | None:
    host, where = line.word(4), server.line.address
    port = line.word(6) if line.word(5) == "port" else str(where.port)
    bare = f"[{host}]" if ":" in host else host
    text = host if host.startswith("unix:") else f"{bare}:{port}"
    try:
        address = parse_address(text, default_port=DEFAULT_PORT)
    except AddressError:
        raise Refused(f"Invalid addr family '{host}'", "UpstreamBadAddress") from None
    if address.family is Family.NAME:
        raise Refused("Only IPv4, IPv6 and UNIX addresses are accepted.", "UpstreamBadAddress")
    if address.text == where.text:
        return Reply("no need to change the addr, nor the port")
    wanted = replace(server.line, name=address.text, address=address, resolve=False)
    verbs.change(line.master.roster, server, wanted)
    changed = [
        f"{what} changed from '{old}' to '{new}'"
        for what, old, new in (("IP", where.host, address.host), ("port", where.port, address.port))
        if old != new
    ]
    if where.host == address.host:
        changed.insert(0, "no need to change the addr")
    return done(line, f"{', '.join(changed)} by 'stats socket command'")


def _set_agent(_line: Line, _server: Server) -> Reply:
    return Reply("agent checks are not enabled on this server.", status=400)


def _set_name(line: Line, server: Server) -> Reply | None:
    text = f"set server {server.upstream}/{server.member.key} fqdn failed because"
    if not line.word(4):
        raise Refused(f"{text} no FQDN specified.", "UpstreamBadAddress")
    raise Refused(f"{text} no resolution is configured.", "UpstreamConfNoResolver")


SETTERS: dict[str, Callable[[Line, Server], Reply | None]] = {
    "state": _set_state,
    "health": _set_health,
    "weight": _set_weight,
    "addr": _set_address,
    "agent": _set_agent,
    "fqdn": _set_name,
}


def enable_server(line: Line) -> Reply | None:
    """`enable server be/srv`: out of maintenance."""
    return _order(line, server_of(line, 2), Order.ORDER_UP, 3)


def disable_server(line: Line) -> Reply | None:
    """`disable server be/srv`: into maintenance."""
    return _order(line, server_of(line, 2), Order.ORDER_DOWN, 3)


def add_server(line: Line) -> Reply | None:
    """`add server be/srv addr[:port] [weight n] [maxconn n] [backup] [check]`: in maintenance.

    A server of ours is called by its address: the name in the line is not kept.
    """
    backend, slash, name = line.word(2).partition("/")
    if not slash or not name:
        raise Refused(REQUIRED, "UpstreamServerNotFound")
    if backend not in line.master.roster.upstreams():
        raise Refused(NO_BACKEND, "UpstreamNotFound", 404)
    if not line.word(3):
        raise Refused("'server' expects <name> and <addr>[:<port>] as arguments.", "")
    given: dict[str, Any] = {"server": line.word(3), "down": True} | _options(line.words[4:])
    wanted = verbs.line_of(given, None, resolver=False)
    try:
        verbs.add(line.master.roster, backend, wanted)
    except Refused as refused:
        if refused.code == "EntryExists":
            text = "Already exists a server with the same name in backend."
            raise Refused(text, refused.code, 409) from None
        raise
    return done(line, "New server registered.")


def _options(words: list[str]) -> dict[str, Any]:
    numbers = {"weight": "weight", "maxconn": "max_conns"}
    given: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        if word in numbers:
            value = next(left, "")
            if not (value.isascii() and value.isdecimal()):
                raise Refused(f"'{word}' expects an integer argument.", "")
            given[numbers[word]] = int(value)
        elif word == "backup":
            given["backup"] = True
        elif word != "check":  # checks are the upstream's: health_check
            raise Refused(f"'server {word}' option is not supported.", "")
    return given


def del_server(line: Line) -> Reply | None:
    """`del server be/srv`, once it is in maintenance and idle."""
    server = server_of(line, 2)
    if not server.down:
        text = "Only servers in maintenance mode can be deleted."
        raise Refused(text, "UpstreamServerImmutable")
    if server.active(line.master.counted):
        text = "Server still has connections attached to it, cannot remove it."
        raise Refused(text, "UpstreamServerImmutable")
    verbs.remove(line.master.roster, server)
    return done(line, "Server deleted.")


def shutdown_sessions(line: Line) -> Reply | None:
    """`shutdown sessions server be/srv`: end the connections that it serves."""
    server = server_of(line, 3)
    line.master.end_sessions(server.upstream, server.member.key, line.client)
    return None


def show_backend(line: Line) -> Reply:
    """List the upstreams."""
    return Reply("\n".join(["# name", *line.master.roster.zones()]))


_STATE_COLUMNS = """
    be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight
    srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state
    srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl
    srv_check_port srv_check_addr srv_agent_addr srv_agent_port
"""
OPERATIONAL = {"up": 2, "draining": 3, "unhealthy": 0, "unavail": 0, "down": 0, "checking": 1}
ADMINISTRATIVE = {"down": 1, "draining": 8}


def show_servers_state(line: Line) -> Reply:
    """Write the table that HAProxy writes to carry states over a restart."""
    rows = ["1", "# " + " ".join(_STATE_COLUMNS.split())]
    for number, name in _backends(line, 3):
        rows += [" ".join(map(str, _state(line, number, server))) for server in _peers(line, name)]
    return Reply("\n".join(rows))


def _state(asked: Line, number: int, server: Server) -> list[Any]:
    line, where = server.line, server.member.address
    host, _, port = where.rpartition(":")
    unix = where.startswith("unix:")
    return [
        *(number, server.upstream, server.member.id + 1, server.member.key),
        where if unix else host.strip("[]"),
        *(OPERATIONAL[server.state], ADMINISTRATIVE.get(server.state, 0)),
        *(0 if server.draining else server.weight, line.weight, checks.age(asked, server)),
        *(*checks.state(asked, server), 0, 0, 0),
        line.name if line.resolve else "-",
        0 if unix else port,
        *("-", 0, 0, "-", "-", 0),
    ]


def show_servers_conn(line: Line) -> Reply:
    """Write how many connections each server has."""
    rows = [
        "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb "
        "safe_nb idle_lim idle_cur idle_per_thr[1]"
    ]
    for number, name in _backends(line, 3):
        for server in _peers(line, name):
            host, _, port = server.member.address.rpartition(":")
            used = server.active(line.master.counted)
            rows.append(
                f"{name}/{server.member.key} {number}/{server.member.id + 1} {host} {port} -"
                f" 0 {used} {used} {used} 0 0 -1 0 0"
            )
    return Reply("\n".join(rows))


def _backends(line: Line, index: int) -> list[tuple[int, str]]:
    """Return the upstreams with their numbers; the one that a word names."""
    found = list(enumerate(line.master.roster.zones(), 2))
    wanted = line.word(index)
    if wanted and wanted not in line.master.roster.zones():
        raise Refused("Can't find backend.", "UpstreamNotFound", 404)
    return [(number, name) for number, name in found if wanted in ("", name)]


def _peers(line: Line, name: str) -> list[Server]:
    master = line.master
    found = verbs.all_of(master.roster, master.counted, name)
    return [server for server in found if not server.member.is_name]
