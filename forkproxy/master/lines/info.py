"""show info, show version: the instance as a whole."""

from __future__ import annotations

import json
import os
import resource
from typing import Any

from forkproxy import __version__
from forkproxy.master.counted import Counted
from forkproxy.master.lines.typed import Field, Sort, json_fields, typed_fields
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Reply
from forkproxy.shared.scoreboard import Cell, SslCell

# haproxyadmin takes a socket for HAProxy's by this; what really answers is in Product.
NAME = "HAProxy"
# Whose lines we speak, as clients compare it: Ansible drains nothing below 1.5.
VERSION = f"2.6.12-forkproxy-{__version__}"
# The names of 2.6, in its order: a value's position is part of the typed form.
_NAMES = """
    Name,Version,Release_date,Nbthread,Nbproc,Process_num,Pid,Uptime,Uptime_sec,Memmax_MB,
    PoolAlloc_MB,PoolUsed_MB,PoolFailed,Ulimit-n,Maxsock,Maxconn,Hard_maxconn,CurrConns,CumConns,
    CumReq,MaxSslConns,CurrSslConns,CumSslConns,Maxpipes,PipesUsed,PipesFree,ConnRate,ConnRateLimit,
    MaxConnRate,SessRate,SessRateLimit,MaxSessRate,SslRate,SslRateLimit,MaxSslRate,
    SslFrontendKeyRate,SslFrontendMaxKeyRate,SslFrontendSessionReuse_pct,SslBackendKeyRate,
    SslBackendMaxKeyRate,SslCacheLookups,SslCacheMisses,CompressBpsIn,CompressBpsOut,
    CompressBpsRateLim,ZlibMemUsage,MaxZlibMemUsage,Tasks,Run_queue,Idle_pct,node,description,
    Stopping,Jobs,Unstoppable Jobs,Listeners,ActivePeers,ConnectedPeers,DroppedLogs,BusyPolling,
    FailedResolutions,TotalBytesOut,TotalSplicdedBytesOut,BytesOutRate,DebugCommandsIssued,
    CumRecvLogs,Build info,Memmax_bytes,PoolAlloc_bytes,PoolUsed_bytes,Start_time_sec,
    Tainted,Product
"""
NAMES = [name.strip() for name in _NAMES.split(",")]
# The letters of a value's tags; all others are gauges.
_SORTS = {
    "POS": "Name,Version,Release_date,Build info,Product",
    "CGS": "Nbthread,Nbproc",
    "KGP": "Process_num",
    "SGP": "Pid",
    "MDP": "Uptime,Uptime_sec,Start_time_sec",
    "CLP": "Memmax_MB,Ulimit-n,Maxsock,Maxconn,Hard_maxconn,Maxpipes,ConnRateLimit,SessRateLimit,"
    "SslRateLimit,CompressBpsRateLim,Memmax_bytes",
    "MCP": "CumConns,CumReq,CumSslConns",
    "MRP": "ConnRate,SessRate,MaxSessRate,SslRate",
    "MMP": "MaxConnRate,MaxSslRate,SslFrontendMaxKeyRate",
    "MaP": "Idle_pct",
    "COS": "node",
}
SORTS = {
    name: Sort(letters[0], letters[1], letters[2], "u32" if letters == "MCP" else "")
    for letters, names in _SORTS.items()
    for name in names.split(",")
}
GAUGE = Sort("M", "G", "P")


def show_info(line: Line) -> Reply:
    """Write one "Name: value" a line, as HAProxy does; or as JSON, or typed."""
    fields = _fields(line)
    if line.word(2) == "json":
        return Reply(json.dumps(json_fields(fields), separators=(",", ":")))
    if line.word(2) == "typed":
        return Reply("\n".join(typed_fields(fields)))
    return Reply("\n".join(f"{field.name}: {field.value}" for field in fields))


def _fields(line: Line) -> list[Field]:
    found = _instance(line) | _clients(line.master.counted)
    return [
        Field(position, name, found[name], SORTS.get(name, GAUGE))
        for position, name in enumerate(NAMES)
        if name in found
    ]


def _instance(line: Line) -> dict[str, Any]:
    facts, total = line.master.facts(), line.master.counted.total
    uptime = max(0, int(facts.now - facts.began_at))
    most = facts.worker_connections * max(1, len(facts.workers))
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "Name": NAME,
        "Version": VERSION,
        "Release_date": "-",
        "Build info": f"forkproxy {__version__}",
        "Product": "forkproxy",
        "Nbthread": len(facts.workers),
        "Nbproc": 1,
        "Process_num": 1,
        "Pid": facts.pid,
        "Uptime": _uptime(uptime),
        "Uptime_sec": uptime,
        "Start_time_sec": int(facts.began_at),
        "Memmax_MB": 0,
        "Memmax_bytes": 0,
        "Ulimit-n": files,
        "Maxsock": files,
        "Maxconn": most,
        "Hard_maxconn": most,
        # What is one task here is a connection, and what runs are requests.
        "Tasks": total(Cell.ACTIVE),
        "Run_queue": total(Cell.WRITING),
        "Idle_pct": line.master.idle(),
        "node": os.uname().nodename,
        "Stopping": 0,
        "Jobs": total(Cell.ACTIVE) + len(facts.listens),
        "Unstoppable Jobs": 0,
        "Listeners": len(facts.listens),
    }


def _clients(counted: Counted) -> dict[str, Any]:
    total = counted.total
    rate, most = total(Cell.CONNECTION_RATE), total(Cell.CONNECTION_RATE_MOST)
    unlimited = ("ConnRateLimit", "SessRateLimit", "SslRateLimit", "CompressBpsRateLim")
    pipes = ("Maxpipes", "PipesUsed", "PipesFree")  # there are none
    return dict.fromkeys((*unlimited, *pipes), 0) | {
        "CurrConns": total(Cell.ACTIVE),
        "CumConns": total(Cell.ACCEPTED),
        "CumReq": total(Cell.REQUESTS),
        "CumSslConns": counted.ssl(SslCell.SSL_HANDSHAKES),
        "ConnRate": rate,
        "MaxConnRate": most,
        "SessRate": rate,
        "MaxSessRate": most,
        "SslRate": counted.handshakes.now,
        "MaxSslRate": counted.handshakes.most,
        "SslFrontendKeyRate": counted.keys.now,
        "SslFrontendMaxKeyRate": counted.keys.most,
        "SslFrontendSessionReuse_pct": _resumed(counted),
    }


def _uptime(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h{minutes:02}m{seconds:02}s"


def _resumed(counted: Counted) -> int:
    """Return how many of the last second's handshakes resumed a session, in percent."""
    made, full = counted.handshakes.now, counted.keys.now
    return 100 - min(100, full * 100 // made) if made else 0


def show_version(_line: Line) -> Reply:
    """Write the version alone."""
    return Reply(VERSION)


def show_errors(_line: Line) -> Reply:
    """Say that none are kept: the error log has them."""
    return Reply("Total events captured : 0")


def show_nothing(_line: Line) -> Reply:
    """Answer with nothing."""
    return Reply()
