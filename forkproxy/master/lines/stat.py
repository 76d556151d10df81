"""show stat: HAProxy's table of counters, for what reads it (exporters, dashboards, Ansible).

A server of ours with a `status_zone` is a FRONTEND, and so is all of HTTP together, as "http". An
upstream is a BACKEND, its peers are the servers in it. A cell that we do not count is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from forkproxy.master.lines.backends import BACKEND, SERVER, backend
from forkproxy.master.lines.frontends import FRONTEND, frontends
from forkproxy.master.lines.typed import Field, Sort, json_fields, typed_fields
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Reply

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
TYPES = {FRONTEND: ("F", "Frontend"), BACKEND: ("B", "Backend"), SERVER: ("S", "Server")}
# The letters of a value's tags; all others only add up.
_SORTS = {
    "KNS": "pxname svname",
    "KGP": "pid",
    "KGS": "iid sid",
    "CGS": "type mode check_rise check_fall check_health addr algo",
    "CLP": "slim qlimit rate_lim",
    "SGP": "status act bck",
    "MOP": "check_status check_code check_desc last_chk",
    "MDP": "check_duration",
    "MAP": "lastchg lastsess",
    "MaP": "weight uweight throttle qtime ctime rtime ttime",
    "MRP": "rate req_rate conn_rate",
    "MGP": "qcur scur srv_icur idle_conn_cur safe_conn_cur used_conn_cur",
    "MMP": """
        qmax smax rate_max req_rate_max conn_rate_max qtime_max ctime_max rtime_max ttime_max
    """,
}
_WIDTHS = {"lastsess": "s32", "check_duration": "u64"}
SORTS = {
    name: Sort(letters[0], letters[1], letters[2], _WIDTHS.get(name, ""))
    for letters, names in _SORTS.items()
    for name in names.split()
}
COUNTER = Sort("M", "C", "P")
_OF_BACKENDS = dict.fromkeys(("rate", "rate_max", "act", "bck"), Sort("M", "G", "P"))

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


def _rows(line: Line) -> Iterator[Row]:
    number = 1
    for row in frontends(line.master.counted, line.master.facts().worker_connections):
        number += 1
        yield row | {"pid": 1, "iid": number, "sid": 0, "-": "-"}
    for name in line.master.roster.zones():
        number += 1
        for row in backend(line, name):
            yield {"pid": 1, "iid": number, "sid": 0, "-": "-"} | row


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
    sorts = SORTS | _OF_BACKENDS if row["type"] == BACKEND else SORTS
    return [
        Field(PLACES[name], name, row[name], sorts.get(name, COUNTER))
        for name in COLUMNS
        if name in row
    ]


def _front(row: Row) -> str:
    return f"{TYPES[row['type']][0]}.{row['iid']}.{row['sid']}."


def _object(row: Row) -> dict[str, Any]:
    return {"objType": TYPES[row["type"]][1], "proxyId": row["iid"], "id": row["sid"]}
