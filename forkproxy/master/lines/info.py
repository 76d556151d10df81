"""show info, show version: the instance as a whole."""

from __future__ import annotations

import json
import os
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
PRODUCT, STATUS, CONFIG = Sort("P", "O", "S"), Sort("S", "O", "P"), Sort("C", "L", "P")
GAUGE, COUNTER = Sort("M", "G", "P"), Sort("M", "C", "P")
RATE, MOST = Sort("M", "R", "P"), Sort("M", "M", "P")


def show_info(line: Line) -> Reply:
    """Write one "Name: value" a line, as HAProxy does; or as JSON, or typed."""
    fields = _fields(line)
    if line.word(2) == "json":
        return Reply(json.dumps(json_fields(fields), separators=(",", ":")))
    if line.word(2) == "typed":
        return Reply("\n".join(typed_fields(fields)))
    return Reply("\n".join(f"{field.name}: {field.value}" for field in fields))


def _fields(line: Line) -> list[Field]:
    facts, counted = line.master.facts(), line.master.counted
    total = counted.total
    uptime = max(0, int(facts.now - facts.began_at))
    most = facts.worker_connections * max(1, len(facts.workers))
    found: list[tuple[str, Any, Sort]] = [
        ("Name", NAME, PRODUCT),
        ("Version", VERSION, PRODUCT),
        ("Release_date", "-", PRODUCT),
        ("Nbthread", len(facts.workers), CONFIG),
        ("Nbproc", 1, CONFIG),
        ("Process_num", 1, STATUS),
        ("Pid", facts.pid, STATUS),
        ("Uptime", _uptime(uptime), STATUS),
        ("Uptime_sec", uptime, STATUS),
        ("Maxconn", most, CONFIG),
        ("Hard_maxconn", most, CONFIG),
        ("CurrConns", total(Cell.ACTIVE), GAUGE),
        ("CumConns", total(Cell.ACCEPTED), COUNTER),
        ("CumReq", total(Cell.REQUESTS), COUNTER),
        ("CumSslConns", counted.ssl(SslCell.SSL_HANDSHAKES), COUNTER),
        ("Maxpipes", 0, CONFIG),
        ("PipesUsed", 0, GAUGE),
        ("PipesFree", 0, GAUGE),
        ("ConnRateLimit", 0, CONFIG),
        ("SessRateLimit", 0, CONFIG),
        ("SslRate", counted.handshakes.now, RATE),
        ("SslRateLimit", 0, CONFIG),
        ("MaxSslRate", counted.handshakes.most, MOST),
        ("SslFrontendKeyRate", counted.keys.now, RATE),
        ("SslFrontendMaxKeyRate", counted.keys.most, MOST),
        ("SslFrontendSessionReuse_pct", _resumed(counted), RATE),
        ("Tasks", total(Cell.ACTIVE), GAUGE),
        ("Run_queue", total(Cell.WRITING), GAUGE),
        ("Idle_pct", _idle(total(Cell.WRITING), most), GAUGE),
        ("node", os.uname().nodename, STATUS),
        ("Stopping", 0, STATUS),
        ("Jobs", total(Cell.ACTIVE) + len(facts.listens), GAUGE),
        ("Listeners", len(facts.listens), GAUGE),
        ("Product", "forkproxy", PRODUCT),
        ("Start_time_sec", int(facts.began_at), STATUS),
    ]
    return [Field(index, name, value, sort) for index, (name, value, sort) in enumerate(found)]


def _uptime(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h{minutes:02}m{seconds:02}s"


def _resumed(counted: Counted) -> int:
    """Return how many of the last second's handshakes resumed a session, in percent."""
    made, full = counted.handshakes.now, counted.keys.now
    return 100 - min(100, full * 100 // made) if made else 0


def _idle(busy: int, most: int) -> int:
    """Return how much of what connections there may be has nothing to do, in percent."""
    return 100 - min(100, busy * 100 // most) if most else 100


def show_version(_line: Line) -> Reply:
    """Write the version alone."""
    return Reply(VERSION)


def show_errors(_line: Line) -> Reply:
    """Say that none are kept: the error log has them."""
    return Reply("Total events captured : 0")


def show_nothing(_line: Line) -> Reply:
    """Answer with nothing."""
    return Reply()
