"""show stat: HAProxy's table of counters, for what reads it (exporters, dashboards, Ansible).

A server of ours with a `status_zone` is a FRONTEND, and so is all of HTTP together, as "http". An
upstream is a BACKEND, its peers are the servers in it. A cell that we do not count is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from forkproxy.master import servers
from forkproxy.master.counted import Counted
from forkproxy.master.lines import checks
from forkproxy.master.lines.typed import Field, Sort, json_fields, typed_fields
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Reply
from forkproxy.master.servers import Server
from forkproxy.shared.scoreboard import (
    Cell,
    PeerCell,
    SslCell,
    StandingCell,
    UpstreamCell,
    ZoneCell,
)
from forkproxy.shared.scoreboard import Row as BoardRow

_COLUMNS = """
    pxname svname qcur qmax scur smax slim stot bin bout dreq dresp ereq econ eresp wretr
    wredis status weight act bck chkfail chkdown lastchg downtime qlimit pid iid sid throttle
    lbtot tracked type rate rate_lim rate_max check_status check_code check_duration hrsp_1xx
    hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx hrsp_other hanafail req_rate req_rate_max req_tot
    cli_abrt srv_abrt comp_in comp_out comp_byp comp_rsp lastsess last_chk last_agt qtime ctime
    rtime ttime agent_status agent_code agent_duration check_desc agent_desc check_rise
    check_fall check_health agent_rise agent_fall agent_health addr cookie mode algo conn_rate
    conn_rate_max conn_tot intercepted dcon dses wrew connect reuse cache_lookups cache_hits
    srv_icur src_ilim qtime_max ctime_max rtime_max ttime_max eint idle_conn_cur safe_conn_cur
    used_conn_cur need_conn_est uweight agg_server_status agg_server_check_status
    agg_check_status - ssl_sess ssl_reused_sess ssl_failed_handshake h2_headers_rcvd
    h2_data_rcvd h2_settings_rcvd h2_rst_stream_rcvd h2_goaway_rcvd
    h2_detected_conn_protocol_errors h2_detected_strm_protocol_errors h2_rst_stream_resp
    h2_goaway_resp h2_open_connections h2_backend_open_streams h2_total_connections
    h2_backend_total_streams h1_open_connections h1_open_streams h1_total_connections
    h1_total_streams h1_bytes_in h1_bytes_out h1_spliced_bytes_in h1_spliced_bytes_out
"""
COLUMNS = _COLUMNS.split()
PLACES = {name: index for index, name in enumerate(COLUMNS)}
FRONTEND, BACKEND, SERVER = 0, 1, 2  # values of "type"
TYPES = {FRONTEND: ("F", "Frontend"), BACKEND: ("B", "Backend"), SERVER: ("S", "Server")}
EVERYTHING = "http"  # the name of the FRONTEND that stands for all servers together

_NAMES = frozenset(("pxname", "svname"))
_AGES = frozenset(("lastchg",))
_DURATIONS = frozenset(("check_duration", "rtime"))
_GAUGES = frozenset(("qcur", "scur", "rate", "req_rate", "act", "bck", "throttle", "srv_icur"))
_LIMITS = frozenset(("slim", "qlimit", "weight", "uweight", "rate_lim", "mode", "type"))
_MAXIMA = frozenset(("smax", "qmax", "rate_max", "req_rate_max"))

Row = dict[str, Any]


def show_stat(line: Line) -> Reply:
    """Write the table as CSV, as JSON, or typed.

    `show stat <name>` or `show stat <iid> <type> <sid>` narrow it down, as HAProxy has it: -1 is
    everything, types are bits (1 frontends, 2 backends, 4 servers).
    """
    rows = [row for row in _rows(line) if _wanted(row, line.words[2:])]
    if "json" in line.words:
        found = [json_fields(_fields(row), **_object(row)) for row in rows]
        return Reply(json.dumps(found, separators=(",", ":")))
    if "typed" in line.words:
        texts = [text for row in rows for text in typed_fields(_fields(row), _front(row))]
        return Reply("\n".join(texts))
    return Reply("\n".join(["# " + ",".join(COLUMNS) + ",", *map(_csv, rows)]))


def clear_counters(line: Line) -> Reply:
    """Count anew: `all` counters, as maxima are not kept."""
    counted = line.master.counted
    if line.word(2) == "all":
        counted.reset([Cell.ACCEPTED, Cell.HANDLED, Cell.REQUESTS])
        directory = counted.cells.directory
        for zone in directory.tallies("server_zone"):
            first = directory.tally("server_zone", zone)
            counted.reset(first + cell for cell in ZoneCell if cell is not ZoneCell.ZONE_PROCESSING)
            counted.reset_statuses(first + ZoneCell.ZONE_CODES)
    return Reply()


def _rows(line: Line) -> Iterator[Row]:
    number = 1
    for row in frontends(line.master.counted, line.master.facts().worker_connections):
        number += 1
        yield row | {"pid": 1, "iid": number, "sid": 0}
    for name in line.master.roster.zones():
        number += 1
        for row in _backend(line, name):
            yield {"pid": 1, "iid": number, "sid": 0} | row


def frontends(counted: Counted, most: int) -> Iterator[Row]:
    """Yield all servers together, then each server zone."""
    yield {
        "pxname": EVERYTHING,
        "svname": "FRONTEND",
        "scur": counted.total(Cell.ACTIVE),
        "slim": most,
        "stot": counted.total(Cell.ACCEPTED),
        "status": "OPEN",
        "type": FRONTEND,
        "req_tot": counted.total(Cell.REQUESTS),
        "conn_tot": counted.total(Cell.ACCEPTED),
        "ssl_sess": counted.ssl(SslCell.SSL_HANDSHAKES),
        "ssl_reused_sess": counted.ssl(SslCell.SSL_SESSION_REUSES),
        "ssl_failed_handshake": counted.ssl(SslCell.SSL_HANDSHAKES_FAILED),
        "mode": "http",
    }
    for zone in counted.cells.directory.tallies("server_zone"):
        yield _zone(counted, zone, counted.cells.tally("server_zone", zone))


def _zone(counted: Counted, name: str, first: int) -> Row:
    requests = counted.total(first + ZoneCell.ZONE_REQUESTS)
    row: Row = {
        "pxname": name,
        "svname": "FRONTEND",
        "scur": counted.total(first + ZoneCell.ZONE_PROCESSING),
        "stot": requests,
        "bin": counted.total(first + ZoneCell.ZONE_RECEIVED),
        "bout": counted.total(first + ZoneCell.ZONE_SENT),
        "status": "OPEN",
        "type": FRONTEND,
        "req_tot": requests,
        "cli_abrt": counted.total(first + ZoneCell.ZONE_DISCARDED),
        "ssl_sess": counted.total(first + ZoneCell.ZONE_HANDSHAKES),
        "ssl_reused_sess": counted.total(first + ZoneCell.ZONE_SESSION_REUSES),
        "ssl_failed_handshake": counted.total(first + ZoneCell.ZONE_HANDSHAKES_FAILED),
        "mode": "http",
    }
    return row | classes(counted, first + ZoneCell.ZONE_1XX)


STATUSES = {
    "up": "UP",
    "draining": "DRAIN",
    "down": "MAINT",
    "unavail": "DOWN",
    "unhealthy": "DOWN",
    "checking": "DOWN",
}


def _backend(line: Line, name: str) -> Iterator[Row]:
    """Yield each server of an upstream, then all of them together."""
    counted = line.master.counted
    found = servers.all_of(line.master.roster, counted, name)
    rows = [
        _server(counted, server) | checks.columns(line, server)
        for server in found
        if not server.member.is_name
    ]
    yield from rows
    sums: Row = {
        column: sum(row[column] for row in rows)
        for column in ("scur", "stot", "bin", "bout", "econ", "req_tot", *CLASSES)
    }
    up = [row for row in rows if row["status"].startswith("UP")]
    sums |= {column: sum(row[column] for row in up) for column in ("act", "bck")}
    whole = {
        "pxname": name,
        "svname": "BACKEND",
        "qcur": _queued(counted, name),
        "status": "UP" if up else "DOWN",
        "weight": sum(row["weight"] for row in up),
        "type": BACKEND,
        "mode": "http",
        "lbtot": sums["stot"],
    }
    yield whole | sums


def _server(counted: Counted, server: Server) -> Row:
    def count(cell: int) -> int:
        return server.count(counted, cell)

    board, line, first = counted.cells.board, server.line, server.first
    row: Row = {
        "pxname": server.upstream,
        "svname": server.member.key,
        "qcur": 0,
        "scur": server.active(counted),
        "stot": count(PeerCell.PEER_REQUESTS),
        "bin": count(PeerCell.PEER_SENT),
        "bout": count(PeerCell.PEER_RECEIVED),
        "econ": count(PeerCell.PEER_FAILS),
        "status": STATUSES[server.state],
        "weight": 0 if server.draining else server.weight,
        "act": int(not line.backup),
        "bck": int(line.backup),
        "chkfail": counted.value(BoardRow.KEEPER, first + PeerCell.PEER_CHECK_FAILS),
        "chkdown": counted.value(BoardRow.KEEPER, first + PeerCell.PEER_UNHEALTHY),
        "downtime": counted.value(BoardRow.KEEPER, first + PeerCell.PEER_DOWNTIME) // 1000,
        "sid": server.member.id + 1,
        "lbtot": count(PeerCell.PEER_REQUESTS),
        "type": SERVER,
        "rtime": board.standing_value(first, StandingCell.STANDING_RESPONSE_TIME),
        "addr": server.member.address,
        "req_tot": count(PeerCell.PEER_REQUESTS),
        "mode": "http",
        "uweight": server.weight,
    }
    if line.max_conns:
        row["slim"] = line.max_conns
    return row | classes(counted, first + PeerCell.PEER_1XX)


def _queued(counted: Counted, upstream: str) -> int:
    """Return how many requests wait for a peer; upstreams without a zone do not say."""
    try:
        first = counted.cells.tally("upstream", upstream)
    except KeyError:
        return 0
    return counted.total(first + UpstreamCell.UPSTREAM_QUEUED)


CLASSES = tuple(f"hrsp_{digit}xx" for digit in range(1, 6))


def classes(counted: Counted, first: int) -> Row:
    """Return the cells of answers by class."""
    return {f"hrsp_{index + 1}xx": counted.total(first + index) for index in range(5)}


def _wanted(row: Row, words: list[str]) -> bool:
    asked = [word for word in words if word not in ("json", "typed", "desc", "up", "no-maint")]
    if "up" in words and row["type"] != FRONTEND and str(row["status"]).startswith("DOWN"):
        return False
    if "no-maint" in words and str(row["status"]).startswith("MAINT"):
        return False
    if not asked:
        return True
    name, kinds, server = (*asked, "-1", "-1")[:3]
    try:
        if name not in (row["pxname"], "-1", str(row["iid"])):
            return False
        bits, sid = int(kinds), int(server)
    except ValueError:
        return False
    bit = 1 << row["type"]
    return (bits == -1 or bool(bits & bit)) and sid in (-1, row["sid"])


def _csv(row: Row) -> str:
    return ",".join(_cell(row.get(name, "")) for name in COLUMNS) + ","


def _cell(value: Any) -> str:
    text = str(value)
    if any(letter in text for letter in ',"\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


def _fields(row: Row) -> list[Field]:
    return [Field(PLACES[name], name, row[name], _sort(name)) for name in COLUMNS if name in row]


def _sort(name: str) -> Sort:
    if name in _NAMES:
        return Sort("K", "N", "S")
    if name in _GAUGES:
        return Sort("M", "G", "P")
    if name in _AGES:
        return Sort("M", "A", "P")
    if name in _DURATIONS:
        return Sort("M", "D", "P")
    if name in _LIMITS:
        return Sort("C", "L", "P")
    if name in _MAXIMA:
        return Sort("M", "M", "P")
    if name in ("status", "check_status", "check_desc", "addr", "algo", "last_chk"):
        return Sort("S", "O", "P")
    return Sort("M", "C", "P")


def _front(row: Row) -> str:
    return f"{TYPES[row['type']][0]}.{row['iid']}.{row['sid']}."


def _object(row: Row) -> dict[str, Any]:
    return {"objType": TYPES[row["type"]][1], "proxyId": row["iid"], "id": row["sid"]}
