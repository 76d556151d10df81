"""Rows of `show stat` for upstreams: each peer, then all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forkproxy import clock
from forkproxy.master import servers
from forkproxy.master.counted import Counted
from forkproxy.master.lines import checks
from forkproxy.master.lines.frontends import CLASSES, classes
from forkproxy.master.lines.words import Line
from forkproxy.master.servers import Server
from forkproxy.shared.scoreboard import PeerCell, StandingCell, UpstreamCell
from forkproxy.shared.scoreboard import Row as BoardRow

BACKEND, SERVER = 1, 2  # values of "type"
STATUSES = {
    "up": "UP",
    "draining": "DRAIN",
    "down": "MAINT",
    "unavail": "DOWN",
    "unhealthy": "DOWN",
    "checking": "DOWN",
}
# What HAProxy calls a method, where it has it; the others by nginx's name.
METHODS = {
    "RoundRobin": "roundrobin",
    "LeastConn": "leastconn",
    "LeastTime": "least_time",
    "IpHash": "source",
    "Hash": "hash",
    "Ring": "hash",
    "Random": "random",
    "RandomTwo": "random",
}
SUMMED = (
    *("scur", "stot", "bin", "bout", "econ", "eresp", "wretr", "wredis", "lbtot", "req_tot"),
    *("connect", "reuse", "hrsp_other", *CLASSES),
)
TIMES = ("ctime", "rtime", "ttime")

Row = dict[str, Any]


def backend(line: Line, name: str) -> Iterator[Row]:
    """Yield each server of an upstream, then all of them together."""
    counted = line.master.counted
    found = servers.all_of(line.master.roster, counted, name)
    rows = [
        _server(line, server) | checks.columns(line, server)
        for server in found
        if not server.member.is_name
    ]
    yield from rows
    up = [row for row in rows if row["status"].startswith("UP")]
    chosen = [row for row in up if row["act"]] or up  # backups only while there is nobody else
    whole: Row = {
        "pxname": name,
        "svname": "BACKEND",
        "status": "UP" if up else "DOWN",
        "weight": sum(row["weight"] for row in chosen),
        "uweight": sum(row["uweight"] for row in chosen),
        "type": BACKEND,
        "mode": "http",
        "algo": METHODS[type(line.master.roster.upstreams()[name].policy).__name__],
        "lastsess": min((row["lastsess"] for row in rows if row["lastsess"] >= 0), default=-1),
        "rate": sum(row["rate"] for row in rows),
    }
    whole |= {column: sum(row[column] for row in rows) for column in SUMMED}
    whole |= {column: sum(row[column] for row in up) for column in ("act", "bck")}
    for column in (*(f"{time}_max" for time in TIMES), "smax"):
        whole[column] = max((row[column] for row in rows), default=0)
    followed = _followed(counted, name)
    # The keeper looks once a second; what one peer had in hand is exact.
    yield whole | followed | {"smax": max(whole["smax"], followed.get("smax", 0))}


def _followed(counted: Counted, upstream: str) -> Row:
    """Return what is followed of an upstream as a whole: only where it has a zone."""
    try:
        first = counted.cells.tally("upstream", upstream)
    except KeyError:
        return {}

    def total(cell: int) -> int:
        return counted.total(first + cell)

    return {
        "qcur": total(UpstreamCell.UPSTREAM_QUEUED),
        "qmax": total(UpstreamCell.UPSTREAM_QUEUED_MOST),
        "smax": total(UpstreamCell.UPSTREAM_MOST),
        "rate_max": total(UpstreamCell.UPSTREAM_RATE_MOST),
        "qtime": total(UpstreamCell.UPSTREAM_QUEUE_TIME) // 1000,
        "ctime": total(UpstreamCell.UPSTREAM_CONNECT_TIME) // 1000,
        "rtime": total(UpstreamCell.UPSTREAM_HEADER_TIME) // 1000,
        "ttime": total(UpstreamCell.UPSTREAM_RESPONSE_TIME) // 1000,
        "qtime_max": counted.cells.board.most(first + UpstreamCell.UPSTREAM_WAITED_MOST),
    }


def _server(line: Line, server: Server) -> Row:
    counted = line.master.counted

    def count(cell: int) -> int:
        return server.count(counted, cell)

    def found(cell: int) -> int:
        return counted.value(BoardRow.KEEPER, server.first + cell)

    requests, fails = count(PeerCell.PEER_REQUESTS), count(PeerCell.PEER_FAILS)
    connects, refused = count(PeerCell.PEER_CONNECTS), count(PeerCell.PEER_CONNECT_FAILS)
    given = server.line
    row: Row = {
        "pxname": server.upstream,
        "svname": server.member.key,
        "scur": server.active(counted),
        "smax": counted.cells.board.standing_value(server.first, StandingCell.STANDING_MOST),
        "stot": requests,
        "bin": count(PeerCell.PEER_SENT),
        "bout": count(PeerCell.PEER_RECEIVED),
        "econ": refused,
        "eresp": max(0, fails - refused),
        "wretr": count(PeerCell.PEER_RETRIES),
        "wredis": count(PeerCell.PEER_REDISPATCHES),
        "status": STATUSES[server.state],
        "weight": 0 if server.draining else server.weight,
        "act": int(not given.backup),
        "bck": int(given.backup),
        "chkfail": found(PeerCell.PEER_CHECK_FAILS),
        "chkdown": found(PeerCell.PEER_UNHEALTHY),
        "downtime": _downtime(line, server),
        "sid": server.member.id + 1,
        "lbtot": requests,
        "type": SERVER,
        "rate": found(PeerCell.PEER_RATE),
        "rate_max": found(PeerCell.PEER_RATE_MOST),
        "req_tot": requests,
        "lastsess": _last(line, server),
        "addr": server.member.address,
        "mode": "http",
        "connect": connects,
        "reuse": max(0, requests - connects - refused),
        "srv_icur": count(PeerCell.PEER_IDLE),
        "safe_conn_cur": count(PeerCell.PEER_IDLE),
        "idle_conn_cur": 0,
        "used_conn_cur": server.active(counted),
        "uweight": server.weight,
        # Requests wait for an upstream, never for one of its peers.
        **dict.fromkeys(("qcur", "qmax", "qtime", "qtime_max"), 0),
    }
    if given.max_conns:
        row["slim"] = given.max_conns
    if line.master.roster.upstreams()[server.upstream].ejection is not None:
        row["hanafail"] = found(PeerCell.PEER_EJECTIONS)
    row |= _throttle(counted, server) | _times(counted, server)
    return row | classes(counted, server.first + PeerCell.PEER_1XX)


def _times(counted: Counted, server: Server) -> Row:
    """Return averages and maxima: to the connection, from there to the head, and to the end."""
    found: Row = {}
    cells = (
        ("ctime", PeerCell.PEER_CONNECT_TIME, PeerCell.PEER_CONNECT_MOST),
        ("rtime", PeerCell.PEER_HEADER_TIME, PeerCell.PEER_HEADER_MOST),
        ("ttime", PeerCell.PEER_RESPONSE_TIME, PeerCell.PEER_RESPONSE_MOST),
    )
    for name, average, most in cells:
        found[name] = counted.value(BoardRow.KEEPER, server.first + average) // 1000
        found[f"{name}_max"] = counted.cells.board.most(server.first + most)
    return found


def _downtime(line: Line, server: Server) -> int:
    """Return for how many seconds it has been unhealthy, up to now."""
    counted, first = line.master.counted, server.first
    found = counted.value(BoardRow.KEEPER, first + PeerCell.PEER_DOWNTIME) / 1000
    down_at = counted.cells.board.value(BoardRow.KEEPER, first + PeerCell.PEER_DOWN_AT) / 1000
    return int(found + (max(0.0, line.master.facts().now - down_at) if down_at else 0.0))


def _last(line: Line, server: Server) -> int:
    """Return how many seconds ago it was chosen last, -1 for never."""
    board = line.master.counted.cells.board
    selected_at = board.standing_value(server.first, StandingCell.STANDING_SELECTED_AT) / 1000
    return max(0, int(line.master.facts().now - selected_at)) if selected_at else -1


def _throttle(counted: Counted, server: Server) -> Row:
    """Return how far a slow start is, in percent, while there is one."""
    up_at = counted.cells.board.standing_value(server.first, StandingCell.STANDING_UP_AT) / 1000
    since = clock.monotonic() - up_at
    if not up_at or server.state != "up" or since >= server.line.slow_start:
        return {}
    return {"throttle": max(1, int(since * 100 / server.line.slow_start))}
